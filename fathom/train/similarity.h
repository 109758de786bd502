// Where tuning changed a network: its features beside the pretrained ones, block by block.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <vector>

#include "fathom/train/freeze.h"
#include "fathom/train/trainer.h"

namespace fathom::train {

/// Linear centred kernel alignment of features of the same n images, n x D each with any D:
/// Kornblith et al. 2019 (arXiv:1905.00414), HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)) with K and L
/// the Gram matrices. HSIC is the unbiased estimate of Song et al. 2012 (JMLR 13:1393, equation 5;
/// for CKA Nguyen et al. 2021, arXiv:2010.15327): with more features than images the plain one is
/// near 1 whatever the features. 1 for features that are equal up to rotation, scale and shift;
/// around 0, and below, for unrelated ones. NaN of fewer than four images and where features do not
/// vary.
double linear_cka(const torch::Tensor& a, const torch::Tensor& b);

/// linear_cka() of the features after every block, averaged over positions, between the pretrained
/// network and `network`, which is in evaluation mode afterwards, over the images `task.compared`:
/// 1 where blocks are frozen, which nothing is computed for. Empty when there are no such images.
std::vector<double> similarity_to_pretrained(const UnitTask& task, const FrozenNetwork& network,
                                             const std::function<void()>& keep_going);

}  // namespace fathom::train
