#include "fathom/results/order.h"

#include <algorithm>
#include <tuple>

namespace fathom::results {
namespace {

/// Where an architecture or level stands in the study.
class Positions {
 public:
  explicit Positions(const StudyRecord& study) : architectures_(study.architectures) {}

  auto of(const std::string& architecture) const {
    return std::ranges::find(architectures_, architecture, &ArchitectureSummary::name) -
           architectures_.begin();
  }

  auto of(const std::string& architecture, const Level& level) const {
    const auto found = architectures_.begin() + of(architecture);
    if (found == architectures_.end()) return std::ptrdiff_t{0};
    return std::ranges::find(found->levels, level) - found->levels.begin();
  }

 private:
  const std::vector<ArchitectureSummary>& architectures_;
};

}  // namespace

void put_in_order(JournalContent& content) {
  const Positions positions(*content.study);
  std::ranges::stable_sort(content.units, {}, [&](const UnitRecord& unit) {
    const UnitKey& key = unit.key;
    return std::tuple(key.seed, key.fold, positions.of(key.architecture), -key.train_fraction,
                      positions.of(key.architecture, key.level), key.learning_rate);
  });
  std::ranges::stable_sort(content.probes, {}, [&](const ProbeRecord& probe) {
    return std::tuple(positions.of(probe.architecture), probe.fold);
  });
  std::ranges::stable_sort(content.estimates, {}, [&](const EstimateRecord& estimate) {
    return std::tuple(positions.of(estimate.architecture), -estimate.train_fraction,
                      positions.of(estimate.architecture, estimate.level));
  });
  std::ranges::stable_sort(content.prefixes, {}, [&](const PrefixRecord& prefix) {
    return positions.of(prefix.architecture);
  });
}

}  // namespace fathom::results
