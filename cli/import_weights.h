// fathom weights import: a weight file gets its card, from what is known of it, a card file and
// flags, and is kept. Not for fetching, listing or showing: see weights.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "fathom/weights/card.h"

namespace fathom::cli {

/// What the user says of a weight file; "" or nothing: not said.
struct ImportFlags {
  std::string file, card, name, arch, preprocessing, source, licence, trained_on, padding;
  std::optional<int> input_size;
  std::optional<double> norm_epsilon;
};

/// Checks the file, keeps it with its card and prints how to use it. Throws Error when the card
/// lacks what results depend on, or is contradicted.
void import_weights(const ImportFlags& flags, const weights::WeightStore& store);

/// Folder of all that is fetched and imported: --cache, or the user's cache folder.
std::filesystem::path cache_folder(const std::string& cache);
/// The imported sets in it.
weights::WeightStore store_in(const std::string& cache);

void declare_weights_import(CLI::App& app, const std::shared_ptr<std::string>& cache,
                            Action& action);

}  // namespace fathom::cli
