// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The table of contents: options, what they ask for, the view that answers, the exit code. Errors
// are printed and exit codes picked here and nowhere else.
#include "natstat/answer/follow.hpp"
#include "natstat/answer/groups.hpp"
#include "natstat/answer/health.hpp"
#include "natstat/answer/list.hpp"
#include "natstat/answer/metrics.hpp"
#include "natstat/answer/naming.hpp"
#include "natstat/answer/top.hpp"
#include "natstat/ask/complain.hpp"
#include "natstat/ask/complete.hpp"
#include "natstat/ask/options.hpp"
#include "natstat/ask/question.hpp"
#include "natstat/ask/together.hpp"
#include "natstat/gather/confine.hpp"
#include "natstat/gather/netns.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace natstat;

constexpr int could_not = 1;
constexpr int wrong_usage = 2;
constexpr int over_threshold = 3;

int refuse(const UsageError& error) {
    complain(error.message);
    return wrong_usage;
}

void print_text(std::string_view text) {
    Output output(STDOUT_FILENO, "standard output");
    output.put(text);
    output.flush();
}

std::string columns_text() {
    std::string text;
    for (const Column& each : columns()) {
        std::string line(each.name);
        line.resize(14, ' ');
        line += kind_name(each.kind);
        line.resize(24, ' ');
        text += line + std::string(each.help) + "\n";
    }
    return text;
}

/// Ends as a shell expects it of a program that a signal ended.
int end_by(int signal) {
    if (signal == 0)
        return EXIT_SUCCESS;
    std::signal(signal, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    raise(signal);
    sigprocmask(SIG_UNBLOCK, &set, nullptr);
    return could_not;
}

int run(const std::vector<std::string>& words) {
    if (!words.empty() && words.front() == "--complete") {
        print_text(completions(std::span(words).subspan(1)));
        return EXIT_SUCCESS;
    }
    auto parsed = parse_options(words);
    if (const auto* error = std::get_if<UsageError>(&parsed))
        return refuse(*error);
    const Options& options = std::get<Options>(parsed);
    if (options.help || options.version || options.list_columns) {
        print_text(options.help      ? help_text()
                   : options.version ? version_text() + "\n"
                                     : columns_text());
        return EXIT_SUCCESS;
    }
    if (const auto wrong = contradiction(options))
        return refuse(*wrong);
    if (!options.netns.empty())
        enter_netns(options.netns);
    confine_to_opening(options);
    if (options.health) {
        show_health(options);
        return EXIT_SUCCESS;
    }
    if (options.metrics) {
        show_metrics(options);
        return EXIT_SUCCESS;
    }
    auto question = make_question(options, filter_names(options.name_timeout));
    if (const auto* error = std::get_if<UsageError>(&question))
        return refuse(*error);
    if (options.top) {
        Options selection = options;
        selection.filter.clear();
        auto selected = make_question(selection, filter_names(options.name_timeout));
        return end_by(top(options, std::move(std::get<Question>(selected))));
    }
    if (std::get<Question>(question).grouping)
        return print_groups(options, std::move(std::get<Question>(question))) ? EXIT_SUCCESS
                                                                              : over_threshold;
    const bool follows = options.events || !options.write.empty();
    (follows ? follow : print_list)(options, std::move(std::get<Question>(question)));
    return EXIT_SUCCESS;
}

/// A standard descriptor that came closed would be given to the next socket or file, and what is
/// printed would go there. In its place stands one that can not be read or written.
void occupy_closed_descriptors() {
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor)
        if (fcntl(descriptor, F_GETFD) < 0)
            open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

} // namespace

int main(int argc, char** argv) {
    occupy_closed_descriptors();
    std::signal(SIGPIPE, SIG_IGN); // a closed pipe is an error of write(2), and ends quietly
    std::signal(SIGXFSZ, SIG_IGN); // so is a file that has grown to its limit, and that is said
    try {
        return run({argv + std::min(argc, 1), argv + argc});
    } catch (const ClosedPipe&) {
        return EXIT_SUCCESS;
    } catch (const Interrupted&) {
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        complain(error.what());
        return could_not;
    }
}
