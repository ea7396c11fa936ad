"""A thin client of the cloud that `stack/up` stands up: Nova, Placement and Ironic by REST, with headers in Keystone's place."""
import http.client
import json
import threading
import time

NOVA, PLACEMENT, IRONIC, MARIADB = 28774, 28778, 26385, 23306
IMAGE = "11111111-1111-1111-1111-111111111111"
_local = threading.local()


class Refused(Exception):
    """An answer that nobody expected."""


def call(port, method, path, body=None, headers=None):
    """One request on this thread's connection, which is opened anew once where the other side has closed it."""
    headers = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
    data = None if body is None else json.dumps(body)
    for last in (False, True):
        line = getattr(_local, f"to{port}", None)
        if line is None:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
            setattr(_local, f"to{port}", line)
        try:
            line.request(method, path, data, headers)
            answer = line.getresponse()
            text = answer.read()
            break
        except (http.client.HTTPException, OSError):
            line.close()
            setattr(_local, f"to{port}", None)
            if last:
                raise
    try:
        return answer.status, json.loads(text) if text else None
    except ValueError:
        return answer.status, text.decode(errors="replace")


def nova(method, path, body=None, tenant="admin", admin=None):
    admin = tenant == "admin" if admin is None else admin
    return call(NOVA, method, "/v2.1" + path, body, {
        "X-User-Id": tenant, "X-Project-Id": tenant, "X-Auth-Token": tenant,
        "X-Roles": "admin,member,reader" if admin else "member,reader",
        "X-OpenStack-Nova-API-Version": "2.90", "OpenStack-API-Version": "compute 2.90"})


def placement(method, path, body=None):
    return call(PLACEMENT, method, path, body, {"X-Auth-Token": "admin", "OpenStack-API-Version": "placement 1.39"})


def ironic(method, path, body=None):
    return call(IRONIC, method, "/v1" + path, body, {"X-Auth-Token": "admin", "X-OpenStack-Ironic-API-Version": "1.92"})


def must(answer):
    """The body of an answer that has to be a good one."""
    status, body = answer
    if status >= 300:
        raise Refused(f"{status}: {body}")
    return body


def until(what, asked, limit=60, every=0.3):
    """Waits until `asked` answers with something true."""
    begun = time.time()
    while time.time() - begun < limit:
        found = asked()
        if found:
            return found
        time.sleep(every)
    raise TimeoutError(what)


def flavor(name, resource_class, specs=None):
    body = {"flavor": {"name": name, "id": name, "ram": 1, "vcpus": 1, "disk": 1}}
    must(nova("POST", "/flavors", body))
    whole = {f"resources:{resource_class}": "1", "resources:VCPU": "0", "resources:MEMORY_MB": "0", "resources:DISK_GB": "0"}
    must(nova("POST", f"/flavors/{name}/os-extra_specs", {"extra_specs": {**whole, **(specs or {})}}))


def boot(name, flavor_id, tenant, admin=None, count=1, **more):
    server = {"name": name, "flavorRef": flavor_id, "imageRef": IMAGE, "networks": "none", **more}
    if count > 1:
        server |= {"min_count": count, "max_count": count}
    return nova("POST", "/servers", {"server": server}, tenant, admin=admin)
