#include "fathom/results/repetition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "fathom/base/error.h"

namespace fathom::results {
namespace {

/// A finished unit's record without what no two runs share: times, memory.
std::string lasting_part(UnitRecord unit) {
  unit.cost = {};
  unit.finished_at.clear();
  for (EpochRecord& epoch : unit.history) epoch.seconds = 0;
  return to_json(unit).dump();
}

std::map<std::string, const UnitRecord*> finished_by_id(const std::vector<UnitRecord>& units) {
  std::map<std::string, const UnitRecord*> finished;
  for (const UnitRecord& unit : units) {
    if (unit.finished) finished[unit.key.id()] = &unit;
  }
  return finished;
}

/// A figure that is not defined differs from none.
void widen(double& largest, double a, double b) {
  if (const double difference = std::abs(a - b); difference > largest) largest = difference;
}

void measure(const UnitRecord& before, const UnitRecord& now, Agreement& agreement) {
  for (std::size_t e = 0; e < std::min(before.history.size(), now.history.size()); ++e) {
    widen(agreement.train_loss, before.history[e].train_loss, now.history[e].train_loss);
    widen(agreement.valid_loss, before.history[e].valid_loss, now.history[e].valid_loss);
  }
  widen(agreement.valid_auc, before.validation.auc, now.validation.auc);
  if (before.test && now.test) widen(agreement.test_auc, before.test->auc, now.test->auc);
}

}  // namespace

JournalContent read_results(const std::filesystem::path& path) {
  const Json json = read_json(path);
  JournalContent content;
  try {
    content.study = study_from_json(json.at("study"));
    for (const Json& unit : json.at("units")) content.units.push_back(unit_from_json(unit));
    for (const Json& pass : json.at("prefixes")) {
      content.prefixes.push_back(prefix_from_json(pass));
    }
  } catch (const nlohmann::json::exception& e) {
    throw Error(fmt::format("{}: not the results.json of a study: {}", path.string(), e.what()));
  } catch (const Error& e) {
    throw Error(fmt::format("{}: not the results.json of a study: {}", path.string(), e.what()));
  }
  if (content.units.empty()) {
    throw Error(fmt::format("{}: no unit of this study has been run, so nothing can be repeated",
                            path.string()));
  }
  return content;
}

Agreement compare_runs(const std::vector<UnitRecord>& before, const std::vector<UnitRecord>& now) {
  Agreement agreement;
  const auto first = finished_by_id(before), second = finished_by_id(now);
  for (const auto& [id, unit] : first) {
    const auto again = second.find(id);
    if (again == second.end()) continue;
    ++agreement.units;
    if (lasting_part(*unit) == lasting_part(*again->second)) continue;
    agreement.differing.push_back(id);
    measure(*unit, *again->second, agreement);
  }
  agreement.only_before = first.size() - agreement.units;
  agreement.only_now = second.size() - agreement.units;
  return agreement;
}

std::string in_words(const Agreement& agreement) {
  if (agreement.is_complete()) {
    return fmt::format(
        "bit-identical: losses, scores, predictions and frozen tensors of all {} units are the "
        "same",
        agreement.units);
  }
  if (agreement.units + agreement.only_before + agreement.only_now == 0) {
    return "nothing to compare: no unit has finished in either run";
  }
  std::string text = "not bit-identical: ";
  if (agreement.differing.empty()) {
    text += fmt::format("{} units are the same to the bit", agreement.units);
  } else {
    text += fmt::format(
        "{} of {} units differ (the first: {}), in training loss by at most {:.2g}, validation "
        "loss {:.2g}, validation AUC {:.2g}, test AUC {:.2g}",
        agreement.differing.size(), agreement.units, agreement.differing.front(),
        agreement.train_loss, agreement.valid_loss, agreement.valid_auc, agreement.test_auc);
  }
  if (agreement.only_before > 0) {
    text += fmt::format("; {} finished in the first run alone", agreement.only_before);
  }
  if (agreement.only_now > 0) {
    text += fmt::format("; {} finished in this run alone", agreement.only_now);
  }
  return text;
}

}  // namespace fathom::results
