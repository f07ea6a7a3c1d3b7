"""Addresses below /verify/ (ux.md 5.7): no 保証契約番号 and no 認証キー in any of them."""

from django.urls import path

from esurety.views import verify, verify_detail, verify_files, verify_list, verify_people, verify_rules
from portal.accounts.access import page

see = page(roles=("verify.view",), methods=("GET",))
# Who may only look sees the page that says who may enter a key.
enter = page(roles=("verify.view",), methods=("GET", "POST"))
check = page(roles=("verify.view",), methods=("GET", "POST"))
verify_again = page(roles=("verify.view",), methods=("POST",))
act = page(roles=("verify.user",), methods=("POST",))
ask = page(roles=("verify.user",), methods=("GET", "POST"))
look = page(roles=("verify.admin",), methods=("GET",))
manage = page(roles=("verify.admin",), methods=("GET", "POST"))

app_name = "verify"
urlpatterns = [
    path("", enter(verify.home), name="home"),
    path("certificates/", see(verify_list.certificates), name="certificates"),
    path("certificates/<int:pk>/", see(verify_detail.certificate), name="certificate"),
    path("certificates/<int:pk>/compare/", ask(verify_detail.compare), name="compare"),
    path("certificates/<int:pk>/accept/", act(verify_detail.accept), name="accept"),
    path("certificates/<int:pk>/return/", ask(verify_detail.give_back), name="return"),
    path("certificates/<int:pk>/log/", see(verify_detail.log), name="log"),
    path("certificates/<int:pk>/print/", see(verify_files.printed), name="print"),
    path("certificates/<int:pk>/certificate.pdf", see(verify_files.pdf), name="pdf"),
    path("certificates/<int:pk>/certificate.json", see(verify_files.data), name="json"),
    path("certificates/<int:pk>/verification/", verify_again(verify_files.verify_stored), name="verification"),
    path("check/", check(verify_files.check), name="check"),
    path("rules/", look(verify_rules.rules), name="rules"),
    path("rules/history/", look(verify_rules.history), name="rules-history"),
    path("rules/<slug:kind>/new/", manage(verify_rules.rule_new), name="rule-new"),
    path("rules/<slug:kind>/<int:pk>/", manage(verify_rules.rule), name="rule"),
    path("rules/<slug:kind>/<int:pk>/remove/", manage(verify_rules.rule_remove), name="rule-remove"),
    path("users/", look(verify_people.users), name="users"),
    path("users/new/", manage(verify_people.user_new), name="user-new"),
    path("users/<int:pk>/", look(verify_people.user), name="user"),
    path("users/<int:pk>/change/", manage(verify_people.user_change), name="user-change"),
    path("users/<int:pk>/<slug:action>/", manage(verify_people.user_action), name="user-action"),
]
