// How large images are and in what size networks are given them, in words for people. Not the
// choice of that size: study/input_size.
#pragma once

#include <string>
#include <vector>

#include "fathom/results/record.h"

namespace fathom::results {

/// Whether a network is given any of the images in another size than their own.
bool are_resized(const ImageSizes& images, const std::vector<ArchitectureSummary>& architectures);

/// "96 x 96 pixels"; "40 to 1200 pixels high and 60 to 900 wide".
std::string sizes_in_words(const ImageSizes& images);

/// "96 x 96 pixels"; "224 x 224 pixels for VGG16 and 299 x 299 pixels for InceptionV3". Only of
/// those that are known; "" of none.
std::string inputs_in_words(const std::vector<ArchitectureSummary>& architectures);

/// A warning that images are resized, and that their proportions are not kept; "" where they are
/// not. `whose` begins the sentence: "The images".
std::string resizing_warning(const std::string& whose, const ImageSizes& images,
                             const std::vector<ArchitectureSummary>& architectures);

}  // namespace fathom::results
