"""A stand-in for systemd on a bus of its own: units whose state the test writes to a JSON file.

Run with the bus in DBUS_SYSTEM_BUS_ADDRESS and the file as argument; says "ready" when it is.
"""
import json
import sys

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

PREFIX = "/org/freedesktop/systemd1/unit/"


def units():
    with open(sys.argv[1]) as file:
        return json.load(file)


class Manager(dbus.service.Object):
    @dbus.service.method("org.freedesktop.systemd1.Manager", in_signature="as", out_signature="a(ssssssouso)")
    def ListUnitsByNames(self, names):
        known = units()
        return [(name, name, "loaded" if name in known else "not-found", known.get(name, {}).get("active", "inactive"),
                 known.get(name, {}).get("sub", "dead"), "", PREFIX + name.encode().hex(), 0, "", "/") for name in names]


class Unit(dbus.service.Object):
    def __init__(self, bus, name):
        self.name = name
        super().__init__(bus, PREFIX + name.encode().hex())

    @dbus.service.method("org.freedesktop.DBus.Properties", in_signature="ss", out_signature="v")
    def Get(self, _interface, name):
        unit = units()[self.name]
        return {"Result": unit["result"], "UnitFileState": unit["file"],
                "NRestarts": dbus.UInt32(unit["restarts"])}[name]


DBusGMainLoop(set_as_default=True)
bus = dbus.SystemBus()
name = dbus.service.BusName("org.freedesktop.systemd1", bus)
manager = Manager(bus, "/org/freedesktop/systemd1")
objects = [Unit(bus, unit) for unit in units()]
print("ready", flush=True)
GLib.MainLoop().run()
