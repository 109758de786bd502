#include "fathom/deploy/choose_unit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fathom/base/error.h"
#include "fathom/results/words.h"
#include "fathom/zoo/architecture.h"

namespace fathom::deploy {
namespace {

using results::LevelSummary;
using results::UnitRecord;

/// NaN, of units whose validation part has one class, is below everything.
bool is_higher(double auc, double other) {
  return auc > other || (std::isnan(other) && !std::isnan(auc));
}

/// The level of an architecture to take: the recommended one, or the only one; nullptr when the
/// study cannot tell.
const LevelSummary* answer_of(const report::Study& study, std::size_t architecture) {
  const results::Recommendation& answer = study.recommendations[architecture];
  const LevelSummary& chosen = study.summaries[answer.chosen];
  const bool told = answer.kind == results::Recommendation::Kind::depth ||
                    results::levels_of(study.summaries, chosen.architecture).size() == 1;
  return told && !chosen.units.empty() ? &chosen : nullptr;
}

/// Of `arch` alone where it is not empty.
const LevelSummary* best_answer(const report::Study& study, const std::string& arch) {
  const LevelSummary* best = nullptr;
  for (std::size_t i = 0; i < study.recommendations.size(); ++i) {
    const LevelSummary* answer = answer_of(study, i);
    if (answer == nullptr || (!arch.empty() && answer->architecture != arch)) continue;
    if (best == nullptr || is_higher(answer->valid_auc.mean, best->valid_auc.mean)) best = answer;
  }
  return best;
}

Error cannot_tell(const report::Study& study, const std::string& arch) {
  std::string text =
      fmt::format("{}: the study does not say which depth to take.", study.folder.string());
  const LevelSummary* candidate = nullptr;
  for (const results::Recommendation& answer : study.recommendations) {
    const LevelSummary& best = study.summaries[answer.best];
    if (!arch.empty() && best.architecture != arch) continue;
    text += fmt::format("\n  {}: {}", best.architecture, answer.headline);
    if (!best.units.empty() && candidate == nullptr) candidate = &best;
  }
  if (candidate == nullptr) return Error(text);
  return Error(fmt::format(
      "{}\nChoose one yourself, for example what looks best so far: fathom export {} --arch {} "
      "--depth {} --out MODEL.safetensors",
      text, study.folder.string(), candidate->architecture, candidate->level.name));
}

std::vector<std::string> architectures_of(const report::Study& study) {
  std::vector<std::string> names;
  for (const auto& architecture : study.content.study->architectures) {
    names.push_back(architecture.name);
  }
  return names;
}

/// The architecture that a depth is asked of.
std::string architecture_of(const report::Study& study, const UnitWish& wish) {
  if (!wish.arch.empty()) return wish.arch;
  const std::vector<std::string> names = architectures_of(study);
  if (names.size() == 1) return names.front();
  throw Error(fmt::format("depth {}: of which architecture? Say --arch {}", wish.depth,
                          fmt::join(names, " or --arch ")));
}

/// The level asked for; of several strategies the one with the highest mean validation AUC.
const LevelSummary& asked_level(const report::Study& study, const UnitWish& wish) {
  const std::string arch = architecture_of(study, wish);
  const results::Level level = zoo::parse_levels(zoo::find_architecture(arch), {wish.depth}).back();
  const LevelSummary* found = nullptr;
  std::vector<std::string> levels;
  for (const LevelSummary& summary : study.summaries) {
    if (summary.architecture != arch) continue;
    levels.push_back(summary.level.name);
    if (summary.level != level) continue;
    if (found == nullptr || found->units.empty() ||
        is_higher(summary.valid_auc.mean, found->valid_auc.mean)) {
      found = &summary;
    }
  }
  if (found == nullptr) {
    throw Error(fmt::format("depth {}: not a level of this study of {}, which has {}", wish.depth,
                            arch, fmt::join(levels, ", ")));
  }
  if (found->units.empty()) {
    throw Error(fmt::format("depth {}: no training of {} at {} has finished", wish.depth, arch,
                            level.name));
  }
  return *found;
}

const LevelSummary& choose_level(const report::Study& study, const UnitWish& wish) {
  const std::vector<std::string> known = architectures_of(study);
  if (!wish.arch.empty() && std::ranges::find(known, wish.arch) == known.end()) {
    throw unknown_name("architecture", wish.arch, known);
  }
  if (!wish.depth.empty()) return asked_level(study, wish);
  const LevelSummary* answer = best_answer(study, wish.arch);
  if (answer == nullptr) throw cannot_tell(study, wish.arch);
  return *answer;
}

std::string why_level(const report::Study& study, const UnitWish& wish, const LevelSummary& level) {
  if (!wish.depth.empty()) return "the level asked for";
  if (results::levels_of(study.summaries, level.architecture).size() == 1) {
    return "the only level of this study";
  }
  std::string text = "the recommended level";
  if (wish.arch.empty() && study.recommendations.size() > 1) {
    text += " of the architecture that does best at its own";
  }
  return text;
}

const UnitRecord& best_unit(const LevelSummary& level, const UnitWish& wish) {
  const UnitRecord* best = nullptr;
  std::set<std::uint64_t> seeds;
  for (const UnitRecord* unit : level.units) {
    seeds.insert(unit->key.seed);
    if (wish.seed && unit->key.seed != *wish.seed) continue;
    if (best == nullptr || is_higher(unit->validation.auc, best->validation.auc)) best = unit;
  }
  if (best != nullptr) return *best;
  throw Error(fmt::format("seed {}: not among the finished trainings of {} at {}, which have {}",
                          *wish.seed, level.architecture, level_name(level),
                          fmt::join(seeds, ", ")));
}

/// Folds are counted from 1 where people read them.
std::string unit_in_words(const report::Study& study, const UnitRecord& unit) {
  const results::UnitKey& key = unit.key;
  const bool several_folds = std::ranges::any_of(
      study.content.units, [](const UnitRecord& other) { return other.key.fold > 0; });
  std::string text = fmt::format("{} at {}, seed {}", key.architecture, key.level.name, key.seed);
  if (several_folds) text += fmt::format(", fold {}", key.fold + 1);
  if (key.train_fraction == 1) return text;
  return text + fmt::format(", trained on {} of the training images",
                            results::percent(key.train_fraction));
}

ChosenUnit named_unit(const report::Study& study, const std::string& id) {
  std::vector<std::string> ids;
  for (const UnitRecord& unit : study.content.units) {
    ids.push_back(unit.key.id());
    if (ids.back() != id) continue;
    if (!unit.finished) throw Error(fmt::format("unit {} failed: {}", id, unit.failure));
    return {&unit, unit_in_words(study, unit) + ": the unit asked for"};
  }
  const std::string near = nearest_name(id, ids);
  throw Error(fmt::format("{}: no unit '{}' in this study{}; results.csv lists them",
                          study.folder.string(), id,
                          near.empty() ? "" : fmt::format(", did you mean '{}'?", near)));
}

}  // namespace

const LevelSummary* recommended_level(const report::Study& study) { return best_answer(study, ""); }

ChosenUnit choose_unit(const report::Study& study, const UnitWish& wish) {
  if (!wish.unit.empty()) return named_unit(study, wish.unit);
  const LevelSummary& level = choose_level(study, wish);
  const UnitRecord& unit = best_unit(level, wish);
  const std::string auc = results::fixed(unit.validation.auc, 3);
  const std::string why_unit =
      wish.seed ? fmt::format("the seed asked for (validation AUC {})", auc)
      : level.units.size() == 1
          ? fmt::format("its only training (validation AUC {})", auc)
          : fmt::format("of its {} the training with the highest validation AUC, {}",
                        results::units_in_words(level), auc);
  return {&unit, fmt::format("{}: {}, {}", unit_in_words(study, unit),
                             why_level(study, wish, level), why_unit)};
}

}  // namespace fathom::deploy
