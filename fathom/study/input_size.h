// In what size the networks of a study are given its images. What is told about it:
// results/input_sizes.
#pragma once

#include <cstdint>

#include "fathom/data/dataset.h"
#include "fathom/results/record.h"
#include "fathom/zoo/architecture.h"

namespace fathom::study {

/// The sizes of the images of a set that has been scanned and has at least one.
results::ImageSizes measure_sizes(const data::Dataset& dataset);

/// Height and width in pixels that images are resized to for a network: `wanted`
/// (DataOptions::image_size), and where that is 0 their own size, if all are square and of one
/// size, else what the architecture is usually given; never less than it needs. Throws Error when
/// less is wanted.
int choose_input_size(std::int64_t wanted, const results::ImageSizes& images,
                      const zoo::Architecture& architecture);

}  // namespace fathom::study
