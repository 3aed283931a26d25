package localcluster

import (
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

const bridgeName = "gbr0"

func parseNodeAddress() (*netlink.Addr, error) { return netlink.ParseAddr(nodeAddress + "/32") }

// addNodeAddress gives the loopback interface the address of the node.
func addNodeAddress() error {
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find the loopback interface: %w", err)
	}
	address, err := parseNodeAddress()
	if err != nil {
		return fmt.Errorf("parse %s: %w", nodeAddress, err)
	}
	if err := netlink.AddrAdd(loopback, address); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("add %s to the loopback interface: %w", nodeAddress, err)
	}
	return nil
}

// removeLinks takes away the bridge, the pods' ends of it, and the node's address.
func removeLinks() error {
	var errs []error
	if bridge, err := netlink.LinkByName(bridgeName); err == nil {
		links, err := netlink.LinkList()
		if err != nil {
			errs = append(errs, fmt.Errorf("list interfaces: %w", err))
		}
		for _, link := range links {
			if link.Attrs().MasterIndex == bridge.Attrs().Index {
				errs = append(errs, deleteLink(link))
			}
		}
		errs = append(errs, deleteLink(bridge))
	}
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return errors.Join(append(errs, fmt.Errorf("find the loopback interface: %w", err))...)
	}
	address, err := parseNodeAddress()
	if err != nil {
		return errors.Join(append(errs, fmt.Errorf("parse %s: %w", nodeAddress, err))...)
	}
	if err := netlink.AddrDel(loopback, address); err != nil && !errors.Is(err, unix.EADDRNOTAVAIL) {
		errs = append(errs, fmt.Errorf("remove %s from the loopback interface: %w", nodeAddress, err))
	}
	return errors.Join(errs...)
}

// deleteLink counts a link as deleted that went by itself: one end of a pair
// goes with the other.
func deleteLink(link netlink.Link) error {
	err := netlink.LinkDel(link)
	if err == nil || errors.Is(err, unix.ENODEV) || errors.Is(err, unix.EINVAL) {
		return nil
	}
	return fmt.Errorf("delete interface %s: %w", link.Attrs().Name, err)
}
