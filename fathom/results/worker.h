// This process as one of the workers of a study: says that it lives and what it does, and claims
// jobs. Not the work itself.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "fathom/base/clock.h"
#include "fathom/results/claims.h"
#include "fathom/results/worker_watch.h"

namespace fathom::results {

/// Thrown when another worker has taken the job of this one over, which it took for dead: what was
/// computed is dropped.
class JobLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Nothing is written before the first tell(); from then on a thread beats, until the destructor
/// notes the end, which gives all claims back. All but has_lost() for one thread.
class Worker {
 public:
  /// `task`: see WorkerNote.
  Worker(std::filesystem::path study_folder, const std::string& task, Pace pace);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Unlike that of any other worker there is or has been.
  const std::string& id() const { return note_.id; }

  /// Says what it does from now on that is no job. Throws Error when that cannot be written.
  void tell(const std::string& doing);

  /// Claims a job, whose next claim has this number; `units` are those it would train. False when
  /// another worker has claimed it.
  bool take(const std::string& job, int number, std::vector<std::string> units);

  /// To be called before anything of the job is recorded: makes the next claim of it, too, so that
  /// who took this worker for dead comes too late or is seen. Throws JobLost.
  void confirm();

  /// To be called before each write afterwards, for the one before may have taken long. Throws
  /// JobLost.
  void check();

  /// Whether a beat has seen that the job was taken over. For any thread.
  bool has_lost() const { return lost_; }

  /// Counts a unit that was recorded.
  void count(bool finished);

  /// The job is over, one way or the other.
  void drop();

 private:
  JobLost job_lost() const;
  void say(const std::string& doing, std::vector<std::string> units);
  void write();
  void beat(const std::stop_token& stop);

  std::filesystem::path study_folder_;
  Pace pace_;
  std::mutex mutex_;  ///< of all below but the thread
  std::condition_variable_any wake_;
  WorkerNote note_;
  Stopwatch alive_, doing_;
  std::optional<Claim> claim_;
  std::atomic<bool> lost_ = false;
  std::jthread thread_;
};

}  // namespace fathom::results
