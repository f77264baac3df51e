// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Where the user is in the live view, and what a key does there. Pure: keys come in, an effect for
// the loop comes out. One table says which keys there are; the help is made of it.
#pragma once

#include "natstat/filter/filter.hpp"
#include "natstat/live/frame.hpp"
#include "natstat/live/rows.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

/// A key: a printable character as itself, others beyond all of them.
using Key = std::uint32_t;
namespace key {
constexpr Key enter = 0x110000, escape = 0x110001, backspace = 0x110002, up = 0x110003,
              down = 0x110004, page_up = 0x110005, page_down = 0x110006, home = 0x110007,
              end = 0x110008, f1 = 0x11000B, f6 = 0x11000C, tab = 0x11000D, click = 0x11000E,
              wheel_up = 0x11000F, wheel_down = 0x110010, left = 0x110011, right = 0x110012,
              f2 = 0x110013, f3 = 0x110014, f4 = 0x110015, f5 = 0x110016, f9 = 0x110017,
              f10 = 0x110018;
constexpr Key control(char letter) {
    return static_cast<Key>(letter) & 0x1FU;
}
} // namespace key

enum class View : std::uint8_t { flows, hosts, ports, events, health, problems, changes };

/// A view, in the order of View: a row here, and what draws it.
struct ViewKind {
    std::string_view name;
    Key key;              // that leads to it
    bool has_rows = true; // flows or groups, and a cursor on them
};
inline constexpr ViewKind view_kinds[] = {
    {"flows", '1'},         {"hosts", '2'},           {"ports", '3'},  {"events", '4', false},
    {"health", '5', false}, {"problems", '6', false}, {"changes", 'd'}};
[[nodiscard]] constexpr const ViewKind& kind_of(View view) {
    return view_kinds[static_cast<std::size_t>(view)];
}

/// How far back what has changed can reach.
inline constexpr std::chrono::seconds change_spans[] = {
    std::chrono::seconds{5}, std::chrono::seconds{15}, std::chrono::minutes{1},
    std::chrono::minutes{5}};

/// Which kinds of flow are shown, as a list for the column `kind`; empty: all.
struct FlowChoice {
    std::string_view name, kinds;
};
inline constexpr FlowChoice flow_choices[] = {
    {"translated", "snat,dnat,both"}, {"all", ""}, {"routed", "routed"}, {"local", "local"}};

/// What lies over the view.
enum class Overlay : std::uint8_t { none, help, details, sort, columns, groups, removal };

/// A line that is being typed.
struct Prompt {
    enum class For : std::uint8_t { filter, file, menu } what = For::filter;
    std::string text;
    std::string problem;  // why it is no filter
    std::string hint;     // how it can go on
    std::string typed;    // before older filters were looked at
    std::size_t back = 0; // so many of them back
};

struct Ui {
    View view = View::flows;
    Overlay overlay = Overlay::none;
    bool paused = false;
    bool bits = true;
    bool names = false;
    bool plain = false;     // read as text: no bars and plots
    bool light = false;     // colours for a light background
    bool following = false; // the cursor stays on its row at the top, too
    std::chrono::milliseconds interval{1000};

    std::string kinds;                // that are shown, as a FlowChoice has them
    std::string filter;               // in force
    FilterNames written;              // what is known of names in it
    std::vector<std::string> filters; // that were in force, the last one last
    std::optional<Prompt> prompt;
    std::string message; // one line for the user, until the next key
    std::string copied;  // the text that was copied last

    std::optional<std::chrono::seconds> seek; // so far on in a recording; absent: to its start

    std::string by; // the flows view shows groups by these columns; empty: flows
    std::optional<NatPorts> port_range; // that there are; absent: the kernel's own
    std::array<Position, rows_count> positions = {first_position(Rows::flows),
                                                  first_position(Rows::hosts),
                                                  first_position(Rows::ports),
                                                  {},
                                                  first_position(Rows::changes)};

    std::chrono::seconds span = std::chrono::minutes{1}; // changes: how far back

    StepChoice steps = StepChoice::all; // events: which of them
    std::size_t step = 0;               // the one of the cursor: so many above the newest
    std::size_t scrolled = 0;           // so many are below the screen
    std::uint64_t unseen = 0;           // so many came since the cursor left the newest
    std::uint64_t steps_told = 0;       // of the picture that all that was in
    std::size_t top = 0;                // the first line of what lies over the view
    std::size_t health_top = 0;         // and of the health view
    std::size_t problem = 0;            // the one of the cursor
    std::string problem_what;           // what it is, so that the cursor stays on it
    std::optional<ShownRow> opened;     // the flow whose details are shown
    std::size_t choice = 0;             // the line of a menu

    std::vector<Flow> marked;               // flows
    std::vector<std::string> marked_groups; // as filters
    std::vector<Flow> doomed;               // whose end is to be confirmed
    std::string doomed_by;                  // a condition that they meet; empty: they were chosen
    std::string confirmed;                  // so far: how many they are

    /// Where Enter led from, step by step: Escape goes back one, to the rows, the order and the
    /// filter that were there.
    struct Step {
        std::string label; // of what was opened
        View view;
        std::string by;
        std::array<Position, rows_count> positions;
        std::string filter;
        std::string kinds;
    };
    std::vector<Step> trail;

    struct Spot {
        std::size_t row = 0;
        std::size_t column = 0;
    };
    Spot pointer; // of the mouse, for key::click

    /// What the rows of the view are; those of the flows view where it has none.
    [[nodiscard]] Rows rows() const {
        return view == View::hosts     ? Rows::hosts
               : view == View::ports   ? Rows::ports
               : view == View::changes ? Rows::changes
               : by.empty()            ? Rows::flows
                                       : Rows::groups;
    }
    [[nodiscard]] Position& position() { return positions[static_cast<std::size_t>(rows())]; }
    [[nodiscard]] const Position& position() const {
        return positions[static_cast<std::size_t>(rows())];
    }
    /// A bare rate in a filter is in the unit that the titles say, and a bare text is looked for in
    /// the cells of the view's columns.
    [[nodiscard]] FilterNames filter_names() const;
    /// Whether the view has rows and a cursor.
    [[nodiscard]] bool has_rows() const { return kind_of(view).has_rows; }
};

/// What the loop has to do after a key.
enum class Effect : std::uint8_t {
    none,
    quit,
    suspend,
    redraw,   // all of the screen anew
    look,     // another part of the flows
    rank,     // other rows, or another order
    gather,   // the flows of the view that meet Ui::doomed_by go to ask_about()
    remove,   // Ui::doomed are to be deleted
    write,    // what is shown goes to the file of Ui::prompt
    colors,   // for the background of Ui::light
    remember, // Ui goes to the file
    copy,     // Ui::copied goes to the clipboard
    seek,     // the recording goes on at Ui::seek
};

/// Where there is a key.
enum class Only : std::uint8_t { anywhere, kernel, file };

/// A key of the live view: a row here is all that it needs.
struct KeyBinding {
    std::array<Key, 4> keys; // 0: unused
    std::string_view shown;  // as the help shows them
    std::string_view help;
    Effect (*run)(Ui& ui, const Picture& picture, Size size);
    Only only = Only::anywhere;
    std::string_view word{}; // what it is called in the line below the view, if it stands there
    int place = 0;           // and where: the smallest first, and the last to leave
    bool stays = false;      // it never leaves
};

[[nodiscard]] std::span<const KeyBinding> key_table();
/// Whether the view of a recording (`replay`), or of the kernel, has this key.
[[nodiscard]] constexpr bool has_key(const KeyBinding& key, bool replay) {
    return key.only != (replay ? Only::kernel : Only::file);
}

/// Begins in the view of NAT ports, or with groups by these columns, as --by takes them; otherwise
/// with flows.
void start_in(Ui& ui, bool ports, std::string_view by);

/// What the kinds and the filter in force let through; of those that are wrong, why.
[[nodiscard]] Filter::Parsed chosen_filter(const Ui& ui);

/// Asks whether these flows are to be deleted. More than `doomed_limit` are refused.
void ask_about(Ui& ui, std::vector<Flow> flows);
inline constexpr std::size_t doomed_limit = 65'536;

/// Takes a key.
Effect update(Ui& ui, Key key, const Picture& picture, Size size);

/// Puts the cursor back onto the row that it was on, or as near as there is one, and the window
/// around it. Called when the picture has changed.
void settle(Ui& ui, const Picture& picture, Size size);

/// How many rows of the view fit on a screen of this size.
[[nodiscard]] std::size_t list_rows(const Ui& ui, Size size);

} // namespace natstat
