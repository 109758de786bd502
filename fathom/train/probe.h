// What a frozen network's features tell about the classes at every cut, without any tuning: a
// linear probe and LogME at each boundary, from one forward pass. Not the choice of images
// (study/).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "fathom/results/record.h"
#include "fathom/train/trainer.h"

namespace fathom::train {

/// The images of one fold by their number in the store. Test may be empty: its figures are then
/// NaN.
struct ProbeImages {
  std::vector<std::int64_t> train, valid, test;
};

/// The network, labels and classes of `task`; its level, fold and settings of training play no
/// part. At each boundary, the images themselves included, features are averaged over the
/// positions; the probe (linear_probe.h) is fitted to the training images at strengths 1, 0.1, ...
/// 0.0001, of which the one with the lowest log loss on validation is kept; LogME (logme.h) is of
/// the training images. A record for each of `folds`, in their order; images that several share
/// pass through the network once, and the features of all are held in memory. `groups`: of every
/// image of the store, those of one name are no independent cases; "" = one of its own.
/// `keep_going` is called once a batch and once a boundary and may throw. Throws Error when
/// features are not finite.
std::vector<results::ProbeRecord> probe(const UnitTask& task, std::span<const ProbeImages> folds,
                                        std::span<const std::string> groups,
                                        const std::function<void()>& keep_going);

}  // namespace fathom::train
