// What of a plan is still to do and who does it, as the folder of the study says. Reads only, and
// runs nothing: that is the runner's.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "fathom/results/journal.h"
#include "fathom/results/worker_watch.h"
#include "fathom/study/jobs.h"

namespace fathom::study {

class JobBoard {
 public:
  /// A job that no worker is at.
  struct Opening {
    const Job* job = nullptr;
    int claim = 0;             ///< the number under which it can be claimed
    bool worker_died = false;  ///< at it, without a word: it may have been too much for it
  };
  /// A job that another worker is at.
  struct Occupation {
    const Job* job = nullptr;
    results::WorkerNote worker;
    results::Life life = results::Life::unknown;
  };

  /// Looks for the first time. Units that had failed until now are wanted again. `plan` must
  /// outlive this. Throws Error when a journal cannot be read.
  JobBoard(const Plan& plan, results::Pace pace);
  JobBoard(const JobBoard&) = delete;  // openings point into it
  JobBoard& operator=(const JobBoard&) = delete;

  /// Reads all journals, claims and notes again.
  void look();

  const std::vector<Job>& jobs() const { return jobs_; }
  /// All journals, as last looked at.
  const results::JournalContent& journals() const { return journals_; }

  /// Wanted jobs without a claim, and those whose worker is dead or has gone on to something else,
  /// in the order of the plan; at the end those at which workers died, so that one which kills its
  /// workers keeps none from the rest.
  const std::vector<Opening>& openings() const { return openings_; }
  /// Wanted jobs of others; those of workers that may be dead, too.
  const std::vector<Occupation>& occupations() const { return occupations_; }

  bool is_wanted(const Job& job) const;
  /// The units of a job that are to run: never run, or failed before this was made.
  std::vector<results::UnitKey> wanted(const Job& job) const;
  /// This worker has tried the job: what failed of it is not wanted again.
  void mark_tried(const Job& job);

  bool is_finished(const results::UnitKey& key) const { return finished_.contains(key.id()); }
  bool has_failed(const results::UnitKey& key) const { return failed_.contains(key.id()); }
  /// Units of the plan.
  std::vector<results::UnitKey> unfinished() const;
  std::size_t count_finished() const { return plan_.units.size() - unfinished().size(); }
  std::size_t count_failed() const;
  std::size_t count_wanted() const;

 private:
  bool is_probed(const std::string& architecture) const;
  bool is_wanted(const results::UnitKey& key) const;
  void read_all_journals();
  void sort_jobs();

  const Plan& plan_;
  std::vector<Job> jobs_;
  results::WorkerWatch watch_;
  results::JournalContent journals_;
  std::map<std::string, int> claims_;             ///< last number by job
  std::map<std::string, std::string> claimants_;  ///< by job, of wanted jobs
  std::set<std::string> known_workers_;           ///< all that ever were among them
  std::set<std::string> finished_;                ///< unit ids
  std::map<std::string, std::string> failed_;     ///< unit id -> when
  std::map<std::string, std::string> to_retry_;   ///< as failed_, when this was made
  std::set<std::string> tried_probes_;            ///< architectures
  std::vector<Opening> openings_;
  std::vector<Occupation> occupations_;
};

}  // namespace fathom::study
