// Wall time: a stopwatch for costs, and the date for records.
#pragma once

#include <chrono>
#include <string>

namespace fathom {

/// Seconds since construction, on a clock that never jumps back.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Adds the time of its own life to `total` (seconds).
class AddSeconds {
 public:
  explicit AddSeconds(double& total) : total_(total) {}
  ~AddSeconds() { total_ += watch_.seconds(); }
  AddSeconds(const AddSeconds&) = delete;
  AddSeconds& operator=(const AddSeconds&) = delete;

 private:
  double& total_;
  Stopwatch watch_;
};

/// The time now in UTC, ISO 8601 to the second: "2026-03-01T12:00:00Z".
std::string utc_now();

/// A duration for people: "0.4 s", "35 s", "4 min 12 s", "2 h 05 min".
std::string human_duration(double seconds);

}  // namespace fathom
