// What commands print: messages, progress as a bar on a terminal and as plain lines in a pipe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "fathom/base/clock.h"
#include "fathom/report/report.h"
#include "fathom/study/runner.h"

namespace fathom::cli {

/// Columns of the terminal; 100 when standard output is none.
int terminal_width();

/// Text from a file that is not trusted, without what a terminal would obey.
std::string shown(std::string text);

/// Lets the library's messages appear on standard error.
void send_log_to_terminal();

/// Removes a line of progress that is shown, before something else is printed.
void clear_line();

/// From now on SIGINT and SIGTERM end the process at once, with exit code 130: nothing is under way
/// that must be kept. Throws Interrupted when one has come that nobody has obeyed.
void exit_on_signals();
/// From now on they ask the run to stop after the batch; a second one ends the process at once.
void stop_on_signals();
bool stop_requested();

/// Told how much of how much is done; false asks to stop. Also a ByteProgress.
using AmountProgress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

/// Shows bytes that come in on standard error: a bar, or a line at every tenth in a pipe. Asks to
/// stop after a signal, see stop_on_signals().
AmountProgress byte_progress();
/// The same of images that are looked at.
AmountProgress image_progress();

/// The lines after a study's table: where the report is, and the command that exports the network
/// of the recommended depth, where one is recommended.
void print_next_step(const report::Study& study);

/// Shows a running study on standard error.
class Progress {
 public:
  /// `several_folds`: lines name the fold, from 1.
  Progress(std::int64_t epochs, bool several_folds)
      : epochs_(epochs), several_folds_(several_folds) {}

  study::RunObserver observer();

 private:
  void start(std::size_t index, std::size_t count, const results::UnitKey& key);
  void epoch(const results::EpochRecord& record);
  void done(const results::UnitRecord& record);
  std::string left() const;

  std::string unit_text(const results::UnitKey& key) const;

  std::int64_t epochs_;
  bool several_folds_;
  Stopwatch watch_;
  std::size_t index_ = 0, count_ = 0;
  std::string unit_;
};

}  // namespace fathom::cli
