"""The pages about people: their accounts, who belongs to what, and how they come to it."""

from django.urls import path

from annotations import (
    account_views,
    group_views,
    invitation_views,
    member_views,
    security_views,
)

urlpatterns = [
    path("accounts/", account_views.account, name="account"),
    path("accounts/tokens/", account_views.new_token, name="make-token"),
    path("accounts/tokens/<int:pk>/revoke/", account_views.drop_token, name="revoke-token"),
    path("accounts/sessions/<int:pk>/end/", account_views.drop_session, name="end-session"),
    path("accounts/sessions/end/", account_views.drop_other_sessions, name="end-other-sessions"),
    path("accounts/log/", security_views.own_log, name="own-log"),
    path("accounts/log.csv", security_views.own_log_csv, name="own-log-csv"),
    path("security/", security_views.log, name="security-log"),
    path("security.csv", security_views.log_csv, name="security-log-csv"),
    path("datasets/<int:pk>/members/", member_views.members, name="members"),
    path("datasets/<int:pk>/members/add/", member_views.new_member, name="add-member"),
    path("datasets/<int:pk>/groups/", member_views.new_group, name="add-group"),
    path("datasets/<int:pk>/invitations/", invitation_views.new_invitation, name="invite"),
    path("members/<int:pk>/", member_views.edit_member, name="edit-member"),
    path("members/<int:pk>/remove/", member_views.drop_member, name="remove-member"),
    path("group-accesses/<int:pk>/", member_views.edit_group, name="edit-group-access"),
    path("group-accesses/<int:pk>/remove/", member_views.drop_group, name="remove-group-access"),
    path("invitations/<int:pk>/withdraw/", invitation_views.withdraw, name="withdraw-invitation"),
    path("join/<str:secret>/", invitation_views.join, name="join"),
    path("groups/", group_views.groups, name="groups"),
    path("groups/<int:pk>/people/", group_views.add_person, name="add-to-group"),
    path(
        "groups/<int:pk>/people/<int:user_id>/", group_views.drop_person, name="remove-from-group"
    ),
    path("groups/<int:pk>/delete/", group_views.drop_group, name="delete-group"),
]
