// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// ncurses draws what differs from the frame before. Roles become attributes here, and characters
// that the locale does not have become ASCII.
#include "natstat/live/terminal.hpp"

#include "natstat/live/background.hpp"
#include "natstat/live/clipboard.hpp"
#include "natstat/live/styles.hpp"
#include "natstat/model/source.hpp"

#include <array>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

#define NCURSES_WIDECHAR 1
#include <curses.h>

namespace natstat {

namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

File open_keyboard(bool standard_input_is_free) {
    const bool use_input = standard_input_is_free && isatty(STDIN_FILENO) != 0;
    File file(use_input ? fdopen(dup(STDIN_FILENO), "r") : std::fopen("/dev/tty", "re"));
    if (!file)
        throw Failure(std::string("cannot read keys: no terminal: ") + std::strerror(errno));
    return file;
}

attr_t attributes_of(const Style& style, bool color) {
    attr_t attributes = A_NORMAL;
    if (color ? style.bold : style.bold_alone)
        attributes |= A_BOLD;
    if (style.reverse)
        attributes |= A_REVERSE;
    if (style.underline)
        attributes |= A_UNDERLINE;
    return attributes;
}

/// A terminal of 8 colours has the bright ones by being bold, or not at all.
short available(short color) {
    return color >= COLORS ? static_cast<short>(color % 8) : color;
}
constexpr struct {
    int code;
    Key key;
} special_keys[] = {
    {KEY_UP, key::up},
    {KEY_DOWN, key::down},
    {KEY_PPAGE, key::page_up},
    {KEY_NPAGE, key::page_down},
    {KEY_HOME, key::home},
    {KEY_END, key::end},
    {KEY_ENTER, key::enter},
    {'\r', key::enter},
    {'\n', key::enter},
    {27, key::escape},
    {KEY_BACKSPACE, key::backspace},
    {127, key::backspace},
    {8, key::backspace},
    {'\t', key::tab},
    {KEY_LEFT, key::left},
    {KEY_RIGHT, key::right},
    {KEY_F(1), key::f1},
    {KEY_F(2), key::f2},
    {KEY_F(3), key::f3},
    {KEY_F(4), key::f4},
    {KEY_F(5), key::f5},
    {KEY_F(6), key::f6},
    {KEY_F(9), key::f9},
    {KEY_F(10), key::f10},
};

Key key_of(int code) {
    for (const auto& each : special_keys)
        if (each.code == code)
            return each.key;
    return code >= 0 && code < 256 ? static_cast<Key>(code) : 0;
}

} // namespace

/// ncurses gives this for the beginning of an answer to background_question.
constexpr int answer_code = KEY_MAX + 1;

struct Terminal::State {
    File keyboard;
    SCREEN* screen = nullptr;
    bool utf8 = false;
    bool color = false;
    Background background = Background::dark;
    Ui::Spot pointer{};
    std::optional<BackgroundAnswer> answer; // that is coming
    std::optional<Background> told;

    /// Takes what belongs to an answer; false: it is a key.
    bool take_answer(int code);

    void set_up();
    void set_colors(Background which);
    Key take_mouse();
    void draw_run(const Frame& frame, std::size_t row, std::size_t begin, std::size_t end) const;
};

Terminal::Terminal(bool standard_input_is_free, bool color) : state_(std::make_unique<State>()) {
    if (isatty(STDOUT_FILENO) == 0)
        throw Failure("cannot show the live view: standard output is no terminal");
    std::setlocale(LC_CTYPE, "");
    state_->utf8 = std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    state_->keyboard = open_keyboard(standard_input_is_free);
    set_escdelay(25);
    state_->screen = newterm(nullptr, stdout, state_->keyboard.get());
    if (state_->screen == nullptr) {
        const char* term = std::getenv("TERM");
        throw Failure(std::string("cannot show the live view: unknown terminal type '") +
                      (term == nullptr ? "" : term) + "' (TERM)");
    }
    state_->color = color && has_colors();
    state_->set_up();
}

Terminal::~Terminal() {
    endwin();
    delscreen(state_->screen);
}

void Terminal::State::set_up() {
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    curs_set(0);
    mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, nullptr);
    mouseinterval(0); // a press is enough
    if (!color)
        return;
    start_color();
    use_default_colors();
    const char* const said = std::getenv("COLORFGBG");
    set_colors(background_of(said == nullptr ? "" : said).value_or(Background::dark));
}

void Terminal::State::set_colors(Background which) {
    background = which;
    const bool many = COLORS >= 256;
    for (const Style& style : styles())
        init_pair(static_cast<short>(static_cast<int>(style.role) + 1),
                  available(style.color(which, many)), -1);
}

Background Terminal::background() const {
    return state_->background;
}

void Terminal::use(Background background) {
    if (!state_->color)
        return;
    state_->set_colors(background);
    redraw();
}

void Terminal::ask_background() {
    const char* const term = std::getenv("TERM");
    if (!state_->color || std::getenv("COLORFGBG") != nullptr ||
        !answers_questions(term == nullptr ? "" : term))
        return;
    define_key(std::string(background_answer).c_str(), answer_code);
    std::fwrite(background_question.data(), 1, background_question.size(), stdout);
    std::fflush(stdout);
}

std::optional<Background> Terminal::told_background() {
    return std::exchange(state_->told, std::nullopt);
}

bool Terminal::State::take_answer(int code) {
    if (code == answer_code)
        answer.emplace();
    else if (answer && answer->take(code))
        told = std::exchange(answer, std::nullopt)->background();
    else if (!answer)
        return false;
    return true;
}

int Terminal::fd() const {
    return fileno(state_->keyboard.get());
}

Size Terminal::size() const {
    return {static_cast<std::size_t>(LINES), static_cast<std::size_t>(COLS)};
}

std::optional<Key> Terminal::read() {
    int code = getch();
    while (code != ERR && state_->take_answer(code))
        code = getch();
    if (code == KEY_MOUSE)
        return state_->take_mouse();
    return code == ERR ? std::nullopt : std::optional(key_of(code));
}

Key Terminal::State::take_mouse() {
    MEVENT event{};
    if (getmouse(&event) != OK || event.x < 0 || event.y < 0)
        return 0;
    pointer = {static_cast<std::size_t>(event.y), static_cast<std::size_t>(event.x)};
    return (event.bstate & BUTTON4_PRESSED) != 0   ? key::wheel_up
           : (event.bstate & BUTTON5_PRESSED) != 0 ? key::wheel_down
                                                   : key::click;
}

Ui::Spot Terminal::pointer() const {
    return state_->pointer;
}

bool Terminal::is_ready() const {
    pollfd wanted{STDOUT_FILENO, POLLOUT, 0};
    return poll(&wanted, 1, 0) == 1;
}

void Terminal::State::draw_run(const Frame& frame, std::size_t row, std::size_t begin,
                               std::size_t end) const {
    std::wstring text;
    for (std::size_t column = begin; column < end; ++column)
        for (const char32_t glyph : frame.glyphs(row, column, !utf8))
            text += static_cast<wchar_t>(glyph);
    const Role role = frame.at(row, begin).role;
    const short pair = color ? static_cast<short>(static_cast<int>(role) + 1) : short{0};
    attr_set(attributes_of(style_of(role), color), pair, nullptr);
    mvaddnwstr(static_cast<int>(row), static_cast<int>(begin), text.data(),
               static_cast<int>(text.size()));
}

void Terminal::show(const Frame& frame) {
    erase();
    const Size size = frame.size();
    for (std::size_t row = 0; row < size.rows; ++row) {
        for (std::size_t begin = 0; begin < size.columns;) {
            std::size_t end = begin + 1;
            while (end < size.columns && (frame.at(row, end).role == frame.at(row, begin).role ||
                                          frame.at(row, end).glyph == Frame::second_half))
                ++end;
            state_->draw_run(frame, row, begin, end);
            begin = end;
        }
    }
    refresh();
}

void Terminal::copy(std::string_view text) {
    const std::string sequence = clipboard_sequence(text);
    std::fwrite(sequence.data(), 1, sequence.size(), stdout);
    std::fflush(stdout);
}

void Terminal::redraw() {
    clearok(stdscr, TRUE);
}

void Terminal::resize() {
    winsize now{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &now) == 0 && now.ws_row > 0 && now.ws_col > 0)
        resizeterm(now.ws_row, now.ws_col);
}

void Terminal::suspend() {
    def_prog_mode();
    endwin();
    // The whole job, as the terminal's own ^Z does; the signal is blocked otherwise.
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    kill(0, SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &set, &before);
    sigprocmask(SIG_SETMASK, &before, nullptr);
    reset_prog_mode();
    resize();
    redraw();
}

} // namespace natstat
