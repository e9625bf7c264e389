// Hypervolume: how much of the space between the best values and a reference point a front dominates.
#pragma once

#include <cstddef>
#include <vector>

namespace rebasis::dse {

/// The box in which volumes are measured, less is better.
struct Box {
  std::vector<double> ideal;      ///< the best value of each objective
  std::vector<double> reference;  ///< the worst that counts
};

/// Ideal: the least of each objective on the front. Reference: the greatest on the front, moved away by a tenth of the
/// front's extent, so that the ends of the front count (Ishibuchi et al., 2018); an objective in which the front has no
/// extent is moved away by a tenth of its value, or by 1 where that is 0.
[[nodiscard]] Box box_of(const std::vector<std::vector<double>>& front);

/// Share of the box that the points dominate, 0 to 1; exact. Points that reach the reference in some objective count
/// nothing.
[[nodiscard]] double hypervolume(const std::vector<std::vector<double>>& points, const Box& box);

struct Progress {
  std::size_t evaluations = 0;
  double volume = 0;
};

/// The hypervolume after so many points, in their order: where it grows, at most `most` times in equal distances (the
/// last growth is among them), and at the end.
[[nodiscard]] std::vector<Progress> hypervolume_history(const std::vector<std::vector<double>>& points, const Box& box,
                                                        std::size_t most = 200);

}  // namespace rebasis::dse
