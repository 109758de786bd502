// LogME: how well frozen features explain labels, by the evidence of a Bayesian linear model. Not
// the features: probe.h.
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <span>

namespace fathom::train {

/// The largest log evidence per image, mean over the classes one against the rest: You, Liu, Wang &
/// Long 2021, "LogME: Practical Assessment of Pre-trained Models for Transfer Learning", ICML
/// (arXiv:2102.11005). With features F (n x D), y = 1 for images of a class and 0 for others,
/// weights of precision alpha and noise of precision beta (equation 2 there):
///   L = D/2 ln alpha + n/2 ln beta - n/2 ln(2 pi) - 1/2 ln |A| - beta/2 |F m - y|^2 - alpha/2
///   |m|^2 A = alpha I + beta F'F,  m = beta A^-1 F'y
/// maximized by the fixed-point iteration of its algorithm 1 from alpha = beta = 1: with s_i the
/// eigenvalues of F'F and gamma = sum of beta s_i / (alpha + beta s_i),
///   alpha <- gamma / |m|^2,  beta <- (n - gamma) / |F m - y|^2.
/// Features are taken as they are, without an intercept. Larger is better; values compare over the
/// same images only. `features`: n x D, finite; the arithmetic is float64. `labels`: n values below
/// `classes`; classes without images are left out.
double logme(const torch::Tensor& features, std::span<const int> labels, std::size_t classes);

}  // namespace fathom::train
