#include "cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <string_view>

#include "cli/command.h"
#include "fathom/base/download.h"
#include "fathom/base/error.h"
#include "fathom/base/log.h"
#include "fathom/deploy/choose_unit.h"

namespace fathom::cli {
namespace {

volatile std::sig_atomic_t signals_seen = 0;

void exit_at_once(int) {
  constexpr std::string_view kText = "\nfathom: interrupted\n";
  [[maybe_unused]] const ssize_t shown = ::write(STDERR_FILENO, kText.data(), kText.size());
  ::_exit(kExitInterrupted);
}

void ask_to_stop(int) {
  if (signals_seen > 0) ::_exit(kExitInterrupted);
  signals_seen = 1;
}

void on_signals(void (*handler)(int)) {
  std::signal(SIGINT, handler);
  std::signal(SIGTERM, handler);
}

bool progress_is_shown_live() { return ::isatty(STDERR_FILENO) == 1; }

}  // namespace

void clear_line() {
  if (progress_is_shown_live()) fmt::print(stderr, "\r\033[K");
}

namespace {

/// One line of progress in place of the last one, cut to the terminal so that it stays one line.
void show_line(const std::string& bar, const std::string& text) {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  const std::size_t columns = known ? size.ws_col : 80;
  constexpr std::size_t kBarColumns = 21;  // the bar and a space
  fmt::print(stderr, "\r\033[K{} {}", bar,
             text.substr(0, columns > kBarColumns ? columns - kBarColumns - 1 : 0));
  std::fflush(stderr);
}

std::string bar(std::size_t done, std::size_t count) {
  constexpr std::size_t kWidth = 20;
  const std::size_t filled = count == 0 ? 0 : done * kWidth / count;
  std::string text;
  for (std::size_t i = 0; i < kWidth; ++i) text += i < filled ? "█" : "░";
  return text;
}

}  // namespace

std::string shown(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

int terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return std::clamp<int>(size.ws_col, 60, 160);
  }
  return 100;
}

void send_log_to_terminal() {
  set_log_sink([](LogLevel level, const std::string& message) {
    clear_line();
    fmt::print(stderr, "{}{}\n", level == LogLevel::warning ? "warning: " : "", message);
  });
}

void exit_on_signals() {
  on_signals(exit_at_once);
  if (stop_requested()) throw Interrupted();
}

void stop_on_signals() { on_signals(ask_to_stop); }

bool stop_requested() { return signals_seen > 0; }

namespace {

using AmountText = std::function<std::string(std::uint64_t done, std::uint64_t total)>;

AmountProgress amount_progress(const AmountText& text_of) {
  struct State {
    Stopwatch since_shown;
    std::uint64_t done = 0;
    std::uint64_t tenths = 0;
  };
  return [state = std::make_shared<State>(), text_of](std::uint64_t done, std::uint64_t total) {
    if (done < state->done) *state = {};  // the next file, or this one from the start
    const bool is_new = done != state->done;
    state->done = done;
    if (progress_is_shown_live()) {
      constexpr double kSecondsBetween = 0.2;
      if (done == total) {
        clear_line();
      } else if (is_new && state->since_shown.seconds() > kSecondsBetween) {
        show_line(bar(done, total), text_of(done, total));
        state->since_shown = {};
      }
    } else if (total != 0 && done * 10 / total > state->tenths) {
      state->tenths = done * 10 / total;
      fmt::print(stderr, "{}\n", text_of(done, total));
    }
    return !stop_requested();
  };
}

}  // namespace

AmountProgress byte_progress() {
  return amount_progress([](std::uint64_t done, std::uint64_t total) {
    return total == 0 ? human_bytes(done)
                      : fmt::format("{} of {}", human_bytes(done), human_bytes(total));
  });
}

AmountProgress image_progress() {
  return amount_progress([](std::uint64_t done, std::uint64_t total) {
    return fmt::format("{} of {} images", done, total);
  });
}

void print_next_step(const report::Study& study) {
  const std::string folder = study.folder.string();
  fmt::print("Report: {}/report.html\n", folder);
  const results::LevelSummary* level = deploy::recommended_level(study);
  if (level == nullptr) return;
  const auto file =
      study.folder / fmt::format("{}-{}.safetensors", level->architecture, level->level.name);
  fmt::print("Next: fathom export {} --out {}\n", shell_word(folder), shell_word(file.string()));
}

study::RunObserver Progress::observer() {
  study::RunObserver observer;
  observer.unit_started = [this](std::size_t i, std::size_t n, const results::UnitKey& key) {
    start(i, n, key);
  };
  observer.epoch_done = [this](const results::EpochRecord& record) { epoch(record); };
  observer.unit_done = [this](const results::UnitRecord& record) { done(record); };
  observer.should_stop = stop_requested;
  return observer;
}

std::string Progress::unit_text(const results::UnitKey& key) const {
  std::string text = fmt::format("{} {}", key.architecture, key.level.name);
  if (key.train_fraction < 1) text += fmt::format(" train_fraction {}", key.train_fraction);
  text += fmt::format(" rate {:g} seed {}", key.learning_rate, key.seed);
  return several_folds_ ? fmt::format("{} fold {}", text, key.fold + 1) : text;
}

void Progress::start(std::size_t index, std::size_t count, const results::UnitKey& key) {
  index_ = index;
  count_ = count;
  unit_ = unit_text(key);
  if (progress_is_shown_live()) {
    show_line(bar(index, count), fmt::format("{}/{} {}", index + 1, count, unit_));
  }
}

void Progress::epoch(const results::EpochRecord& record) {
  if (!progress_is_shown_live()) return;
  show_line(
      bar(index_, count_),
      fmt::format("{}/{} {}  epoch {}/{}  loss {:.3f}  validation AUC {:.3f}{}", index_ + 1, count_,
                  unit_, record.epoch, epochs_, record.train_loss, record.valid_auc, left()));
}

void Progress::done(const results::UnitRecord& record) {
  clear_line();
  const std::string unit = unit_text(record.key);
  ++index_;
  if (!record.finished) {
    fmt::print(stderr, "[{}/{}] {}: failed: {}\n", index_, count_, unit, record.failure);
    return;
  }
  // The test figure stays sealed until the report: nobody should stop a study for it.
  fmt::print(stderr, "[{}/{}] {}: validation AUC {:.3f} (epoch {}), {}{}\n", index_, count_, unit,
             record.validation.auc, record.best_epoch, human_duration(record.cost.total_seconds),
             left());
}

std::string Progress::left() const {
  if (index_ < 3 || index_ >= count_) return "";
  const double each = watch_.seconds() / static_cast<double>(index_);
  return fmt::format(", about {} left",
                     human_duration(each * static_cast<double>(count_ - index_)));
}

}  // namespace fathom::cli
