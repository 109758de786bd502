#include "fathom/study/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "fathom/base/error.h"
#include "fathom/base/log.h"
#include "fathom/study/tasks.h"
#include "fathom/train/probe.h"

namespace fathom::study {
namespace {

/// Of the images of a part those with the smallest hashes, in ascending order.
std::vector<std::int64_t> draw_images(const Plan& plan, const data::Assignment& fold,
                                      data::Split part) {
  std::vector<std::int64_t> images = train::part_indices(fold, part);
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

std::vector<results::ProbeRecord> probe_architecture(const Plan& plan, Tasks& tasks,
                                                     const std::string& architecture,
                                                     const std::function<void()>& keep_going) {
  // The network, its inputs and the labels are those of any unit.
  const train::UnitTask task =
      tasks.make(*std::ranges::find(plan.units, architecture, &results::UnitKey::architecture));
  std::vector<train::ProbeImages> folds;
  for (const data::Assignment& fold : plan.folds) {
    folds.push_back({.train = draw_images(plan, fold, data::Split::train),
                     .valid = draw_images(plan, fold, data::Split::valid),
                     .test = draw_images(plan, fold, data::Split::test)});
  }
  std::vector<std::string> groups;
  for (const data::Sample& sample : plan.dataset.samples) groups.push_back(sample.group);
  const train::ProbeImages& first = folds.front();
  log_info("probing the frozen {} on {} images{} at {} boundaries", architecture,
           first.train.size() + first.valid.size() + first.test.size(),
           folds.size() > 1 ? fmt::format(" in each of {} folds", folds.size()) : "",
           task.architecture->blocks.size() + 1);
  std::vector<results::ProbeRecord> records = train::probe(task, folds, groups, keep_going);
  for (results::ProbeRecord& record : records) {
    record.most_images = static_cast<std::size_t>(plan.options.probe_images);
  }
  return records;
}

std::vector<results::ProbeRecord> probe_plan(const Plan& plan,
                                             const std::function<void()>& keep_going) {
  if (plan.options.probe_images == 0) {
    throw Error("probe_images = 0: nothing to probe; say how many images of each part to look at");
  }
  Tasks tasks(plan, keep_going);
  std::vector<results::ProbeRecord> records;
  for (const results::ArchitectureSummary& architecture : plan.study.architectures) {
    std::ranges::move(probe_architecture(plan, tasks, architecture.name, keep_going),
                      std::back_inserter(records));
  }
  return records;
}

}  // namespace fathom::study
