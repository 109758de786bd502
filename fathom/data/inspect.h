// What is in a data set, for people: `fathom data inspect`. Numbers and plain lines of text;
// nothing is printed here.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "fathom/data/counts.h"
#include "fathom/data/dataset.h"
#include "fathom/data/leaks.h"

namespace fathom::data {

struct Inspection {
  Dataset dataset;  ///< scanned
  std::string path;
  std::string source;
  std::string recognized;                                           ///< why that source was taken
  std::map<std::string, std::map<std::string, std::size_t>> facts;  ///< Dataset::facts
  std::size_t images = 0;
  std::size_t groups = 0;  ///< 0: no group column
  /// With the parts of fold 0; where no split was possible, with those that were given.
  std::vector<CountedClass> classes;
  ImageExtents sizes;
  DuplicateSummary duplicates;   ///< equal pixels
  DuplicateSummary look_alikes;  ///< Dataset::look_alikes
  std::string look_alike_table;  ///< CSV "path,family" of these images, families numbered from 1
  std::vector<SkippedImage> skipped;
  std::string parts_from;  ///< who made the parts, in words that follow "as"
  std::size_t folds = 1;
  std::vector<std::string> fractions;  ///< describe_fractions()
  std::string split_table;    ///< all folds, as split_file.h has them; "" when there are none
  std::string split_problem;  ///< why the data cannot be split as asked; "" when they can
  std::vector<std::string> warnings;
  std::vector<std::string> leaks;  ///< those of the warnings that `strict` refuses
};

/// Opens, scans and splits the data set of `options`, and opens its external sets. A split that is
/// not possible, or that `strict` would refuse, is told, not thrown; what cannot be read is an
/// Error as in open_dataset and scan.
Inspection inspect(const DataOptions& options);

/// Lines for a terminal, without line ends, in ASCII but for the names. Without split_problem: that
/// is for whoever wants to split.
std::vector<std::string> describe(const Inspection& inspection);

}  // namespace fathom::data
