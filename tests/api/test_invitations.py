"""Invitations: whoever opens the link becomes a member, with an account they make for it or not."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.test import Client
from django.utils import timezone

from annotations.exceptions import NotFound
from annotations.models import Dataset, Event, Invitation, Kind, Membership, SecurityEvent
from annotations.services.invitation import accept_invitation, invite
from tests.factories import PASSWORD, as_seen_by

NEW = {"username": "newcomer", "email": "new@example.org", "password1": PASSWORD}
NEW |= {"password2": PASSWORD}


@pytest.fixture
def client_of(team: dict[str, Any]) -> Any:
    """Forms, not JSON, as pages send them."""

    def client(role: str) -> Client:
        client = Client()
        client.force_login(team[role])
        return client

    return client


@pytest.fixture
def owner(client_of: Any) -> Any:
    return client_of("owner")


def invited(owner: Any, dataset: Dataset, **fields: Any) -> str:
    """Make an invitation on the page and return the path of the link that it shows."""
    body = {"role": "annotator", "days": "7", "most_uses": "1"} | fields
    page = owner.post(f"/datasets/{dataset.pk}/invitations/", body).content.decode()
    [path] = set(re.findall(r'value="http://testserver(/join/[^"]+)"', page))
    return path


def signed_up(path: str, **fields: Any) -> Client:
    """Somebody without an account, who opens the link and makes one."""
    client = Client()
    page = client.get(path).content.decode()
    sign_up = re.findall(r'href="(/accounts/signup/[^"]*)"', page)[0].replace("&amp;", "&")
    assert "Make an account" in page
    client.post(sign_up, NEW | {"next": path} | fields)
    return client


def test_somebody_with_an_account_joins(owner: Any, client_of: Any, dataset: Dataset) -> None:
    path, stranger = invited(owner, dataset), client_of("stranger")
    assert "Join as stranger" in stranger.get(path).content.decode()
    assert stranger.post(path)["Location"] == f"/datasets/{dataset.pk}/"
    assert stranger.get(f"/api/datasets/{dataset.pk}/").json()["role"] == "annotator"
    assert Client().get(path).status_code == 404


def test_whoever_logs_in_on_the_way_comes_back(owner: Any, team: Any, dataset: Dataset) -> None:
    path, client = invited(owner, dataset), Client()
    assert client.post(path).status_code == 200  # nobody joins unknown
    log_in = re.findall(r'href="(/accounts/login/[^"]*)"', client.get(path).content.decode())[0]
    answer = client.post(log_in.replace("&amp;", "&"), {"login": "stranger", "password": PASSWORD})
    assert answer["Location"] == path


def test_sign_up_is_open_to_whoever_is_invited(owner: Any, dataset: Dataset) -> None:
    path = invited(owner, dataset, role="reviewer")
    client = signed_up(path)
    assert client.get(f"/api/datasets/{dataset.pk}/").json()["role"] == "reviewer"
    assert client.get(path)["Location"] == f"/datasets/{dataset.pk}/"
    assert Client().get(path).status_code == 404  # signing up has used it
    signed_up_again = Client()
    signed_up_again.get(path)
    signed_up_again.post(
        "/accounts/signup/", NEW | {"username": "second", "email": "b@example.org"}
    )
    assert not get_user_model().objects.filter(username="second").exists()


def test_a_weak_password_does_not_use_it_up(owner: Any, dataset: Dataset) -> None:
    path = invited(owner, dataset)
    signed_up(path, password1="12345", password2="12345")
    assert not get_user_model().objects.filter(username="newcomer").exists()
    assert Invitation.objects.get().uses == 0


def test_an_invitation_by_mail_is_for_one_person(owner: Any, dataset: Dataset) -> None:
    path = invited(owner, dataset, email="new@example.org", most_uses="")
    [message] = mail.outbox
    assert message.to == ["new@example.org"]
    assert path in message.body
    assert "owner invites you to “Biopsies”" in message.subject
    signed_up(path)
    person = get_user_model().objects.get(username="newcomer")
    assert person.emailaddress_set.get().verified
    assert Client().get(path).status_code == 404


def test_a_mail_that_cannot_be_sent_leaves_the_link(
    owner: Any, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **options: Any) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr("annotations.services.invitation.send_mail", refuse)
    body = {"role": "viewer", "days": "1", "email": "new@example.org"}
    page = owner.post(f"/datasets/{dataset.pk}/invitations/", body).content.decode()
    assert "could not be sent" in page
    assert "http://testserver/join/" in page


@pytest.mark.parametrize("end", ["expiry", "use", "withdrawal", "deleted dataset"])
def test_a_link_is_good_until_it_ends(
    owner: Any, client_of: Any, dataset: Dataset, team: Any, end: str
) -> None:
    path = invited(owner, dataset)
    if end == "expiry":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    if end == "use":
        client_of("stranger").post(path)
    if end == "withdrawal":
        owner.post(f"/invitations/{Invitation.objects.get().pk}/withdraw/")
    if end == "deleted dataset":
        Dataset.objects.update(deleted_at=timezone.now())
    client = Client()
    answer = client.get(path)
    assert answer.status_code == 404
    assert "no longer good" in answer.content.decode()
    client.post("/accounts/signup/", NEW)
    assert not get_user_model().objects.filter(username="newcomer").exists()
    with pytest.raises(NotFound):
        accept_invitation(user=team["stranger"], secret=path.split("/")[2])


def test_a_member_keeps_their_role_and_leaves_the_link_to_others(
    owner: Any, client_of: Any, dataset: Dataset, team: Any
) -> None:
    path = invited(owner, dataset, role="viewer")
    client_of("annotator").post(path)
    assert Membership.objects.get(dataset=dataset, user=team["annotator"]).role == "annotator"
    assert Invitation.objects.get().uses == 0


def test_only_owners_invite_owners(client_of: Any, dataset: Dataset) -> None:
    body = {"role": "owner", "days": "7"}
    page = client_of("admin").post(f"/datasets/{dataset.pk}/invitations/", body)
    assert not Invitation.objects.exists()
    assert "Select a valid choice" in page.content.decode()
    assert invited(client_of("owner"), dataset, role="owner")


@pytest.mark.parametrize("end", ["removed", "demoted"])
def test_no_invitation_is_a_way_back(
    owner: Any, client_of: Any, dataset: Dataset, team: Any, end: str
) -> None:
    """Of somebody who may no longer invite."""
    path = invited(client_of("admin"), dataset, most_uses="")
    row = Membership.objects.get(dataset=dataset, user=team["admin"])
    if end == "removed":
        owner.delete(f"/api/members/{row.pk}/")
    else:
        owner.post(f"/members/{row.pk}/", {"role": "viewer", "version": 1})
    assert client_of("stranger").get(path).status_code == 404


def test_only_the_hash_of_a_link_is_kept(owner: Any, dataset: Dataset, team: Any) -> None:
    _, secret = invite(
        user=team["owner"], dataset=as_seen_by(team["owner"], dataset), role="viewer", days=1
    )
    everything = [*Invitation.objects.values(), *SecurityEvent.objects.values()]
    assert secret not in str(everything)


def test_both_logs_tell_of_it(owner: Any, client_of: Any, dataset: Dataset, team: Any) -> None:
    client_of("stranger").post(invited(owner, dataset))
    told = SecurityEvent.objects.filter(dataset=dataset).order_by("id").values_list("kind", "name")
    assert list(told) == [
        ("invitation.made", "owner"),
        ("role.given", "stranger"),
        ("invitation.accepted", "stranger"),
    ]
    event = Event.objects.filter(kind=Kind.MEMBER_ADDED).last()
    assert event is not None
    assert (event.actor, event.data["role"]) == (team["stranger"], "annotator")


def test_scripts_invite(owner: Any, client_of: Any, dataset: Dataset) -> None:
    path = f"/api/datasets/{dataset.pk}/invitations/"
    body = {"role": "reviewer", "email": "new@example.org", "days": 3}
    made = owner.post(path, body, content_type="application/json").json()
    assert made["mailed"]
    assert made["link"] in mail.outbox[0].body
    assert (made["most_uses"], made["created_by"]) == (1, "owner")
    [listed] = owner.get(path).json()["results"]
    assert listed == {name: made[name] for name in listed}
    assert "link" not in listed
    assert client_of("stranger").post(made["link"])["Location"] == f"/datasets/{dataset.pk}/"
    assert owner.get(path).json()["results"] == []


def test_scripts_withdraw_invitations(owner: Any, client_of: Any, dataset: Dataset) -> None:
    path = f"/api/datasets/{dataset.pk}/invitations/"
    made = owner.post(path, {"role": "viewer"}, content_type="application/json").json()
    assert owner.delete(f"/api/invitations/{made['id']}/").status_code == 204
    assert client_of("stranger").post(made["link"]).status_code == 404
    assert owner.get(f"/api/invitations/{made['id']}/").json()["revoked_at"]


def test_only_owners_invite_owners_by_script(client_of: Any, dataset: Dataset) -> None:
    path, body = f"/api/datasets/{dataset.pk}/invitations/", {"role": "owner"}
    for role, status in (("admin", 403), ("owner", 201)):
        answer = client_of(role).post(path, body, content_type="application/json")
        assert answer.status_code == status
