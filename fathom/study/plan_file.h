// plan.json: a Plan as a file and back.
#pragma once

#include "fathom/study/plan.h"

namespace fathom::study {

inline constexpr const char* kPlanFile = "plan.json";

/// For people: what to do with a study whose plan this version does not run.
std::string planned_by_another_version(const std::string& folder);

Json to_json(const Plan& plan);
/// Throws Error "WHERE: ..." when `json` is not a plan of this version.
Plan plan_from_json(const Json& json, const std::string& where);

}  // namespace fathom::study
