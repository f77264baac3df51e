// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Text with a hanging indent: the grade stands alone at the left.
#include "natstat/print/ailments.hpp"

#include "json_writer.hpp"

#include "natstat/model/utf8.hpp"
#include "natstat/table/shorten.hpp"

#include <map>

namespace natstat {

namespace {

constexpr std::size_t width = 80;
/// As many findings of a kind are told whole; the rest is a number.
constexpr std::size_t most_of_a_kind = 5;

/// Appends words, broken at `width`, to a line that has `indent` cells already; further lines begin
/// with as many blanks.
void put_wrapped(std::string& text, std::string_view words, std::size_t indent) {
    bool first = true;
    for (const std::string& line : wrapped(words, width - indent)) {
        text += first ? "" : std::string(indent, ' ');
        text += line + "\n";
        first = false;
    }
}

/// A command is to be copied, so it is one line.
void put_said(std::string& text, const FindingPart& said) {
    constexpr std::size_t indent = 6, words_at = 15;
    std::string line(indent, ' ');
    line += said.label;
    line.resize(words_at, ' ');
    text += line;
    if (said.is_command)
        text += said.text + "\n";
    else
        put_wrapped(text, said.text, words_at);
}

std::string grade_text(Grade grade, bool color) {
    constexpr std::string_view colors[] = {"\033[1;31m", "\033[1;33m", "\033[1m"};
    std::string text(grade_name(grade));
    if (color)
        text = std::string(colors[static_cast<std::size_t>(grade)]) + text + "\033[0m";
    return text + "  ";
}

void put_ailment(std::string& text, const Ailment& ailment, bool color) {
    constexpr std::size_t at = 6;
    text += grade_text(ailment.grade, color);
    put_wrapped(text, ailment.what, at);
    for (const FindingPart& each : said_of(ailment))
        put_said(text, each);
}

} // namespace

void print_ailments(const std::vector<Ailment>& ailments, const DiagnosisText& about,
                    Output& output) {
    std::string text = about.head + "\n\n";
    std::map<const AilmentKind*, std::size_t> told;
    for (const Ailment& each : ailments)
        if (++told[each.kind] <= most_of_a_kind)
            put_ailment(text, each, about.color);
    for (const auto& [kind, number] : told)
        if (number > most_of_a_kind)
            text += "      " + std::to_string(number - most_of_a_kind) + " " +
                    std::string(kind->more) + " (--json tells them all)\n";
    if (!about.state.empty())
        text += (ailments.empty() ? "ok    " : "\n      ") + about.state + "\n";
    else if (ailments.empty())
        text += "ok    nothing found\n";
    for (const Untold& each : about.untold) {
        text += "?     ";
        const std::string remedy = each.remedy.empty() ? "" : ": " + std::string(each.remedy);
        put_wrapped(text, each.what + remedy, 6);
    }
    output.put(text);
}

namespace {

using Object = JsonWriter;

void put_text(Object& out, std::string_view name, std::string_view value) {
    out.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    out.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void put_numbers(Object& out, const Ailment& ailment) {
    out.Key("numbers");
    out.StartObject();
    for (const auto& [name, value] : ailment.numbers) {
        out.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
        value ? out.Uint64(*value) : out.Null();
    }
    out.EndObject();
}

void put_hosts(Object& out, const Ailment& ailment) {
    out.Key("hosts");
    out.StartArray();
    for (const auto& [address, count, workload] : ailment.hosts) {
        out.StartObject();
        put_text(out, "address", to_text(address));
        out.Key("count");
        out.Uint64(count);
        if (!workload.empty())
            put_text(out, "workload", without_controls(workload));
        out.EndObject();
    }
    out.EndArray();
    out.Key("other_hosts");
    out.Uint64(ailment.other_hosts);
}

void put_object(Output& output, const Ailment& ailment) {
    JsonStream stream{output};
    Object out(stream);
    out.StartObject();
    put_text(out, "kind", ailment.kind->name);
    put_text(out, "grade",
             ailment.grade == Grade::fail   ? "fail"
             : ailment.grade == Grade::warn ? "warn"
                                            : "note");
    put_text(out, "finding", ailment.what);
    put_text(out, "seen", ailment.seen);
    put_numbers(out, ailment);
    put_hosts(out, ailment);
    put_text(out, "means", ailment.means);
    put_text(out, "remedy", ailment.remedy);
    put_text(out, "filter", ailment.filter);
    put_text(out, "look", ailment.look);
    out.EndObject();
}

void put_object(Output& output, const Untold& untold) {
    JsonStream stream{output};
    Object out(stream);
    out.StartObject();
    put_text(out, "kind", untold.name);
    put_text(out, "grade", "unknown");
    put_text(out, "finding", untold.what);
    put_text(out, "remedy", untold.remedy);
    out.EndObject();
}

/// Objects one behind the other, as an array or in lines.
class Objects {
  public:
    Objects(Output& output, bool lines) : output_(output), lines_(lines) {
        if (!lines_)
            output_.put('[');
    }
    template <typename Each>
    void put(const Each& each) {
        if (!lines_)
            output_.put(first_ ? "\n" : ",\n");
        first_ = false;
        put_object(output_, each);
        if (lines_)
            output_.put('\n');
    }
    void end() {
        if (!lines_)
            output_.put(first_ ? "]\n" : "\n]\n");
    }

  private:
    Output& output_;
    bool lines_;
    bool first_ = true;
};

} // namespace

void print_ailments_json(const std::vector<Ailment>& ailments, const std::vector<Untold>& untold,
                         bool lines, Output& output) {
    Objects objects(output, lines);
    for (const Ailment& each : ailments)
        objects.put(each);
    for (const Untold& each : untold)
        objects.put(each);
    objects.end();
}

} // namespace natstat
