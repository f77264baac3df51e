// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The table of contents: for each mode what is asked for and who answers. What there is to say goes
// to standard error and exit codes are picked here and nowhere else.
#include "natstat/answer/diagnose.hpp"
#include "natstat/answer/expectations.hpp"
#include "natstat/answer/follow.hpp"
#include "natstat/answer/groups.hpp"
#include "natstat/answer/health.hpp"
#include "natstat/answer/list.hpp"
#include "natstat/answer/metrics.hpp"
#include "natstat/answer/naming.hpp"
#include "natstat/answer/text.hpp"
#include "natstat/answer/top.hpp"
#include "natstat/answer/wait.hpp"
#include "natstat/ask/complete.hpp"
#include "natstat/gather/confine.hpp"
#include "natstat/gather/netns.hpp"
#include "natstat/model/utf8.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <iostream>
#include <unistd.h>

namespace {

using namespace natstat;

constexpr int could_not = 1;
constexpr int wrong_usage = 2;
constexpr int over_threshold = 3;

/// One line on standard error. What a terminal would act on, of names and arguments that it quotes,
/// is made visible here.
void say(std::string_view text) {
    std::cerr << program_name() << ": " << without_controls(text) << '\n';
}

template <auto ask, auto answer>
std::variant<Answer, UsageError> answered(const Options& options) {
    auto request = ask(options, written_names);
    if (const auto* error = std::get_if<UsageError>(&request))
        return *error;
    return answer(std::move(std::get<0>(request)), say);
}

constexpr struct {
    Mode mode;
    std::variant<Answer, UsageError> (*answered)(const Options& options);
} contents[] = {
    {Mode::help, answered<help_request, text>},
    {Mode::version, answered<version_request, text>},
    {Mode::columns, answered<columns_request, text>},
    {Mode::health, answered<health_request, health>},
    {Mode::expectations, answered<expectations_request, expectations>},
    {Mode::diagnose, answered<diagnose_request, diagnose>},
    {Mode::metrics, answered<metrics_request, metrics>},
    {Mode::top, answered<top_request, top>},
    {Mode::record, answered<follow_request, follow>},
    {Mode::ipfix, answered<follow_request, follow>},
    {Mode::log, answered<follow_request, follow>},
    {Mode::events, answered<follow_request, follow>},
    {Mode::wait, answered<wait_request, natstat::wait>},
    {Mode::ports, answered<groups_request, groups>},
    {Mode::groups, answered<groups_request, groups>},
    {Mode::list, answered<list_request, list>},
};

/// Ends as a shell expects it of a program that a signal ended.
int end_by(int signal) {
    std::signal(signal, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    raise(signal);
    sigprocmask(SIG_UNBLOCK, &set, nullptr);
    return could_not;
}

int refuse(const UsageError& error) {
    say(error.message);
    return wrong_usage;
}

int end_with(const Answer& answer) {
    for (const std::string& each : answer.complaints)
        say(each);
    if (answer.signal != 0)
        return end_by(answer.signal);
    return answer.status == Answer::Status::warned ? over_threshold : EXIT_SUCCESS;
}

int run(const std::vector<std::string>& words) {
    if (!words.empty() && words.front() == "--complete")
        return end_with(text({completions(std::span(words).subspan(1))}, say));
    const auto parsed = parse_options(words);
    if (const auto* error = std::get_if<UsageError>(&parsed))
        return refuse(*error);
    const auto& options = std::get<Options>(parsed);
    const auto row = std::find_if(std::begin(contents), std::end(contents),
                                  [&](const auto& each) { return each.mode == options.mode; });
    if (has(mode_row(row->mode).of_kernel, Of::netns) && !options.netns.empty())
        enter_netns(options.netns);
    confine_to_opening(options);
    const auto outcome = row->answered(options);
    if (const auto* error = std::get_if<UsageError>(&outcome))
        return refuse(*error);
    return end_with(std::get<Answer>(outcome));
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
        say(error.what());
        return could_not;
    }
}
