#include "model/account.h"

namespace sentinella {

std::string_view to_string(Role role) {
  switch (role) {
    case Role::viewer:
      return "viewer";
    case Role::responder:
      return "responder";
    case Role::operator_:
      return "operator";
    case Role::admin:
      return "admin";
  }
  return "viewer";
}

std::optional<Role> parse_role(std::string_view text) {
  for (Role role : {Role::viewer, Role::responder, Role::operator_, Role::admin})
    if (text == to_string(role)) return role;
  return std::nullopt;
}

}  // namespace sentinella
