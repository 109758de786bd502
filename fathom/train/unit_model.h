// The network of one unit with its frozen and trained parts, what it counts to, and the proof that
// nothing frozen has moved. Not its training.
#pragma once

#include <string>

#include "fathom/results/record.h"
#include "fathom/train/classifier.h"
#include "fathom/train/trainer.h"

namespace fathom::train {

class UnitModel {
 public:
  /// Loads the pretrained weights, freezes, adds a head that depends on the seed alone.
  explicit UnitModel(const UnitTask& task);

  const Classifier& classifier() const { return classifier_; }
  /// FLOPs and parameters; times are zero.
  const results::Cost& counted() const { return counted_; }
  /// SHA-256 of all frozen tensors at the start.
  const std::string& frozen_hash() const { return frozen_hash_; }

  /// Compares every frozen tensor with the pretrained file, and the shared prefix with what it was.
  /// Throws Error that names what moved.
  void verify() const;

 private:
  const UnitTask& task_;
  Classifier classifier_;
  results::Cost counted_;
  std::string frozen_hash_;
};

}  // namespace fathom::train
