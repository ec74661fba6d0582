"""EVENT: what somebody tells is an alert by its type and traits, and what undoes it ends it."""
import harness

RULE = """
id: test-freeze
kind: event
event: DeployInFreeze
severity: major
tier: ticket
summary: somebody deploys while nothing may change
match: {type: deploy, service: "nova-*"}
clear_match: {type: rollback}
by: [service]
"""


def test_a_deploy_in_a_freeze_is_an_alert_until_it_is_rolled_back(server, webhook):
    client = server.client()
    harness.add_webhook(client, webhook.url, min_tier="info")
    assert client.request("PUT", "/api/v1/alerting", {"group_wait": "0s"}).status == 200
    answer = client.post("/api/v1/rules", RULE.encode(), headers={"Content-Type": "application/yaml"})
    assert answer.status == 201, answer

    def tell(kind, service):
        answer = client.post("/api/v1/changes", {"type": kind, "service": service, "summary": f"{kind} of {service} 27.1"})
        assert answer.status in (200, 201, 202), answer

    tell("deploy", "glance-api")
    tell("deploy", "nova-api")
    opened = webhook.wait("the alert", lambda b: b["event"] == "alert.opened")["alert"]
    assert (opened["event"], opened["service"], opened["severity"]) == ("DeployInFreeze", ["nova-api"], "major")
    assert opened["evidence"][-1]["text"].endswith("deploy of nova-api 27.1")
    tell("rollback", "nova-api")
    webhook.wait("the all-clear", lambda b: b["event"] == "alert.closed")
    assert [b["event"] for b in webhook.events()] == ["alert.opened", "alert.closed"]


def test_a_rule_on_traits_compares_them_by_their_types(server, webhook):
    client = server.client()
    harness.add_webhook(client, webhook.url, min_tier="info")
    assert client.request("PUT", "/api/v1/alerting", {"group_wait": "0s"}).status == 200
    rule = RULE.replace("match: {type: deploy, service: \"nova-*\"}", """match:
  type: compute.instance.finish_resize.end
  traits: ["vcpus=4.0", "vcpus<10", "memory_mb>=512", "launched_at>2026-11-20", "flavor_name!=m1.tiny"]
""").replace("by: [service]", "by: [resource_id]")
    answer = client.post("/api/v1/rules", rule.encode(), headers={"Content-Type": "application/yaml"})
    assert answer.status == 201, answer

    def resize(instance, **other):
        traits = {"resource_id": instance, "vcpus": "4", "memory_mb": "4096", "launched_at": "2026-11-21T08:00:00Z",
                  "flavor_name": "m1.large", "@types": "vcpus=integer memory_mb=integer launched_at=datetime", **other}
        answer = client.post("/api/v1/changes", {"type": "compute.instance.finish_resize.end", "summary": "resized", "traits": traits})
        assert answer.status in (200, 201, 202), answer

    resize("too-many", vcpus="16")
    resize("too-small", memory_mb="256")
    resize("too-old", launched_at="2026-11-19T23:59:59Z")
    resize("too-tiny", flavor_name="m1.tiny")
    resize("right")
    opened = webhook.wait("the alert", lambda b: b["event"] == "alert.opened")["alert"]
    assert opened["resource"] == "right", opened
    assert len(webhook.events("alert.opened")) == 1
