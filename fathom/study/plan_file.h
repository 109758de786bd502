// plan.json: a Plan as a file and back.
#pragma once

#include "fathom/study/plan.h"

namespace fathom::study {

inline constexpr const char* kPlanFile = "plan.json";

Json to_json(const Plan& plan);
/// Throws Error "WHERE: ..." when `json` is not a plan of this version.
Plan plan_from_json(const Json& json, const std::string& where);

}  // namespace fathom::study
