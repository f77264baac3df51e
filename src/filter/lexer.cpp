// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// From characters to words and signs. A word is everything between blanks and signs, so addresses,
// networks, ranges and masks are single words; what a word means is not known here.
#include "lexer.hpp"

#include <algorithm>

namespace natstat {

namespace {

constexpr std::string_view blanks = " \t\n\v\f\r";
constexpr std::string_view not_in_words = " \t\n\v\f\r()=<>!&|,\"'";

struct Spelling {
    std::string_view text;
    Sign sign;
    Relation relation;
};

// Longer ones first.
constexpr Spelling spellings[] = {
    {"&&", Sign::and_, {}},
    {"||", Sign::or_, {}},
    {"==", Sign::relation, Relation::equal},
    {"!=", Sign::relation, Relation::not_equal},
    {"<=", Sign::relation, Relation::at_most},
    {">=", Sign::relation, Relation::at_least},
    {"=", Sign::relation, Relation::equal},
    {"<", Sign::relation, Relation::less},
    {">", Sign::relation, Relation::greater},
    {"!", Sign::not_, {}},
    {"(", Sign::open, {}},
    {")", Sign::close, {}},
    {",", Sign::comma, {}},
};

Sign sign_of_word(std::string_view word) {
    const std::string lower = word.size() <= 3 ? lower_case(word) : std::string();
    return lower == "and"   ? Sign::and_
           : lower == "or"  ? Sign::or_
           : lower == "not" ? Sign::not_
                            : Sign::word;
}

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::variant<std::vector<Token>, FilterError> run() {
        std::vector<Token> tokens;
        while ((at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size())) <
               text_.size()) {
            auto token = next();
            if (auto* error = std::get_if<FilterError>(&token))
                return std::move(*error);
            tokens.push_back(std::get<Token>(token));
        }
        tokens.push_back({Sign::end, {}, {}, text_.size()});
        return tokens;
    }

  private:
    std::variant<Token, FilterError> next() {
        const std::string_view rest = text_.substr(at_);
        for (const Spelling& spelling : spellings)
            if (rest.starts_with(spelling.text))
                return take(spelling.sign, spelling.relation, spelling.text.size());
        if (rest.front() == '"' || rest.front() == '\'')
            return quotation();
        if (rest.front() == '&' || rest.front() == '|') {
            const std::string sign(1, rest.front());
            return FilterError{at_,
                               "unknown sign '" + sign + "' (did you mean '" + sign + sign + "'?)"};
        }
        const std::string_view word = rest.substr(0, rest.find_first_of(not_in_words));
        return take(sign_of_word(word), {}, word.size());
    }

    Token take(Sign sign, Relation relation, std::size_t size) {
        const Token token{sign, relation, text_.substr(at_, size), at_};
        at_ += size;
        return token;
    }

    std::variant<Token, FilterError> quotation() {
        const std::size_t end = text_.find(text_[at_], at_ + 1);
        if (end == std::string_view::npos)
            return FilterError{at_, "this quote is not closed"};
        const Token token{Sign::quoted, {}, text_.substr(at_ + 1, end - at_ - 1), at_};
        at_ = end + 1;
        return token;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

} // namespace

std::variant<std::vector<Token>, FilterError> split_filter(std::string_view text) {
    if (text.size() > filter_length_limit)
        return FilterError{filter_length_limit, "the filter is too long"};
    return Lexer(text).run();
}

std::variant<std::vector<Word>, FilterError> split_list(std::string_view text) {
    if (text.size() > filter_length_limit)
        return FilterError{filter_length_limit, "the list is too long"};
    std::vector<Word> words;
    bool wanted = true; // at the beginning and after a comma
    for (std::size_t at = 0; (at = text.find_first_not_of(blanks, at)) != std::string_view::npos;) {
        if (text[at] == ',') {
            if (wanted)
                return FilterError{at, "a value is missing before this comma"};
            wanted = true;
            ++at;
            continue;
        }
        const std::size_t end = std::min(text.find_first_of(" \t\n\v\f\r,", at), text.size());
        words.push_back({text.substr(at, end - at), at});
        wanted = false;
        at = end;
    }
    if (wanted)
        return FilterError{text.size(), "a value is missing"};
    return words;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

} // namespace natstat
