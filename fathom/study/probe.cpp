#include "fathom/study/probe.h"

#include <algorithm>

#include "fathom/base/error.h"
#include "fathom/base/log.h"
#include "fathom/study/tasks.h"
#include "fathom/train/probe.h"

namespace fathom::study {
namespace {

/// Of the images of a part those with the smallest hashes, in ascending order.
std::vector<std::int64_t> draw_images(const Plan& plan, data::Split part) {
  std::vector<std::int64_t> images = train::part_indices(plan.folds.front(), part);
  const auto most = static_cast<std::size_t>(plan.options.probe_images);
  if (images.size() <= most) return images;
  std::ranges::sort(images, {}, [&](std::int64_t image) -> const std::string& {
    return plan.dataset.samples[static_cast<std::size_t>(image)].hash;
  });
  images.resize(most);
  std::ranges::sort(images);
  return images;
}

}  // namespace

results::ProbeRecord probe_architecture(const Plan& plan, Tasks& tasks,
                                        const std::string& architecture,
                                        const std::function<void()>& keep_going) {
  // The network, its inputs and the labels are those of any unit.
  const train::UnitTask task =
      tasks.make(*std::ranges::find(plan.units, architecture, &results::UnitKey::architecture));
  train::ProbeImages images{.train = draw_images(plan, data::Split::train),
                            .valid = draw_images(plan, data::Split::valid),
                            .test = draw_images(plan, data::Split::test)};
  for (const data::Sample& sample : plan.dataset.samples) images.groups.push_back(sample.group);
  log_info("probing the frozen {} on {} images at {} boundaries", architecture,
           images.train.size() + images.valid.size() + images.test.size(),
           task.architecture->blocks.size() + 1);
  results::ProbeRecord record = train::probe(task, images, keep_going);
  record.most_images = static_cast<std::size_t>(plan.options.probe_images);
  return record;
}

std::vector<results::ProbeRecord> probe_plan(const Plan& plan,
                                             const std::function<void()>& keep_going) {
  if (plan.options.probe_images == 0) {
    throw Error("probe_images = 0: nothing to probe; say how many images of each part to look at");
  }
  Tasks tasks(plan, keep_going);
  std::vector<results::ProbeRecord> records;
  for (const results::ArchitectureSummary& architecture : plan.study.architectures) {
    records.push_back(probe_architecture(plan, tasks, architecture.name, keep_going));
  }
  return records;
}

}  // namespace fathom::study
