#include "fathom/results/worker.h"

#include <fmt/format.h>

#include <chrono>

#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/base/log.h"

namespace fathom::results {
namespace {

std::string new_worker_id(const Process& process) {
  return fmt::format("{}-{}-{}", process.host, process.number, hex(unique_number()).substr(0, 8));
}

}  // namespace

Worker::Worker(std::filesystem::path study_folder, const std::string& task, Pace pace)
    : study_folder_(std::move(study_folder)), pace_(pace) {
  note_.process = this_process();
  note_.id = new_worker_id(note_.process);
  note_.task = task;
  note_.started_at = utc_now();
}

Worker::~Worker() {
  if (!thread_.joinable()) return;  // it never said anything
  thread_.request_stop();
  thread_.join();
  note_.ended = true;
  try {
    say("", {});
  } catch (const Error& error) {
    log_warning("{}. Other workers wait a while before they take over what this one had",
                error.what());
  }
}

void Worker::tell(const std::string& doing) {
  const std::scoped_lock lock(mutex_);
  say(doing, {});
}

bool Worker::take(const std::string& job, int number, std::vector<std::string> units) {
  const std::scoped_lock lock(mutex_);
  if (is_claimed(study_folder_, job, number)) return false;
  // First, so that nobody takes the claim for one of a worker that has gone on to something else.
  say(job, std::move(units));
  const Claim claim{job, number, note_.id};
  if (!make_claim(study_folder_, claim)) {
    say("", {});
    return false;
  }
  claim_ = claim;
  lost_ = false;
  return true;
}

void Worker::confirm() {
  const std::scoped_lock lock(mutex_);
  FATHOM_CHECK(claim_.has_value());
  ++claim_->number;
  if (!make_claim(study_folder_, *claim_)) throw job_lost();
}

void Worker::check() {
  const std::scoped_lock lock(mutex_);
  FATHOM_CHECK(claim_.has_value());
  if (lost_ || was_taken_over(study_folder_, *claim_)) throw job_lost();
}

JobLost Worker::job_lost() const {
  return JobLost(
      fmt::format("{}: another worker has taken this over, for nothing was heard of this one for "
                  "{}. It is left to that worker",
                  claim_->job, human_duration(pace_.patience_seconds)));
}

void Worker::count(bool finished) {
  const std::scoped_lock lock(mutex_);
  ++(finished ? note_.finished : note_.failed);
}

void Worker::drop() {
  const std::scoped_lock lock(mutex_);
  claim_.reset();
  lost_ = false;
  say("", {});
}

void Worker::say(const std::string& doing, std::vector<std::string> units) {
  note_.doing = doing;
  note_.units = std::move(units);
  doing_ = {};
  write();
  if (!thread_.joinable() && !note_.ended) {
    thread_ = std::jthread([this](const std::stop_token& stop) { beat(stop); });
  }
}

void Worker::write() {
  ++note_.beats;
  note_.seconds = alive_.seconds();
  note_.doing_seconds = doing_.seconds();
  write_note(study_folder_, note_);
}

void Worker::beat(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const std::chrono::duration<double> pause(pace_.beat_seconds);
  bool is_silent = false;
  while (!wake_.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); })) {
    try {
      write();
      is_silent = false;
    } catch (const std::exception& error) {
      if (!is_silent) {
        log_warning("{}. Other workers will take this one for dead", error.what());
      }
      is_silent = true;
    }
    if (claim_ && was_taken_over(study_folder_, *claim_)) lost_ = true;
  }
}

}  // namespace fathom::results
