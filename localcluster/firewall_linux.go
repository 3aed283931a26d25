package localcluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/coreos/go-iptables/iptables"
	"sigs.k8s.io/knftables"
)

const (
	firewallTable = "gantry"
	// ruleComment marks our two rules in a chain that belongs to others.
	ruleComment = "gantry: pods"

	firewallTimeout = 20 * time.Second
)

// setFirewall makes our own table anew: pods leave the machine under its
// address, and nothing from outside reaches the node's.
func setFirewall() error {
	ctx, cancel := context.WithTimeout(context.Background(), firewallTimeout)
	defer cancel()
	nft, err := knftables.New(knftables.IPv4Family, firewallTable)
	if err != nil {
		return fmt.Errorf("use nftables: %w", err)
	}
	change := nft.NewTransaction()
	change.Add(&knftables.Table{Comment: new("pods of the Gantry node")})
	change.Flush(&knftables.Table{})
	change.Add(&knftables.Chain{
		Name: "postrouting", Type: knftables.PtrTo(knftables.NATType),
		Hook: knftables.PtrTo(knftables.PostroutingHook), Priority: knftables.PtrTo(knftables.SNATPriority),
	})
	change.Add(&knftables.Rule{Chain: "postrouting", Rule: knftables.Concat(
		"ip saddr", podNetwork, "ip daddr !=", podNetwork, "oifname !=", bridgeName, "masquerade")})
	// Two pods of one bridge answer each other past the address translation of
	// a Service, where the kernel does not show bridged packets to the firewall.
	change.Add(&knftables.Rule{Chain: "postrouting", Rule: knftables.Concat(
		"ct status dnat", "iifname", bridgeName, "oifname", bridgeName, "masquerade")})
	change.Add(&knftables.Chain{
		Name: "input", Type: knftables.PtrTo(knftables.FilterType),
		Hook: knftables.PtrTo(knftables.InputHook), Priority: knftables.PtrTo(knftables.FilterPriority),
	})
	change.Add(&knftables.Rule{Chain: "input", Rule: knftables.Concat(
		"ip daddr", nodeAddress, "iifname != { lo,", bridgeName, "} drop")})
	if err := nft.Run(ctx, change); err != nil {
		return fmt.Errorf("write the nftables table %s: %w", firewallTable, err)
	}
	return letPodsThrough()
}

// letPodsThrough adds two rules where the policy for forwarded packets is to
// drop them, as Docker sets it. The policy itself stays.
func letPodsThrough() error {
	tables, err := iptables.New()
	if err != nil {
		return fmt.Errorf("use iptables: %w", err)
	}
	rules, err := tables.List("filter", "FORWARD")
	if err != nil {
		return fmt.Errorf("list the forwarding rules: %w", err)
	}
	if !slices.Contains(rules, "-P FORWARD DROP") {
		return nil
	}
	for _, rule := range podRules() {
		if err := tables.InsertUnique("filter", "FORWARD", 1, rule...); err != nil {
			return fmt.Errorf("let pods through the firewall: %w", err)
		}
	}
	return nil
}

func podRules() [][]string {
	comment := []string{"-m", "comment", "--comment", ruleComment, "-j", "ACCEPT"}
	return [][]string{append([]string{"-i", bridgeName}, comment...), append([]string{"-o", bridgeName}, comment...)}
}

// removeFirewall takes away our table, our two rules and the tables of kube-proxy and
// of the plugin that maps host ports: each has one of its own with nftables, where with
// iptables the plugin's chains stay in a table of everybody's.
func removeFirewall() error {
	var errs []error
	for _, name := range []string{firewallTable, "kube-proxy", "cni_hostport"} {
		for _, family := range []knftables.Family{knftables.IPv4Family, knftables.IPv6Family} {
			errs = append(errs, deleteTable(family, name))
		}
	}
	tables, err := iptables.New()
	if err != nil {
		return errors.Join(append(errs, fmt.Errorf("use iptables: %w", err))...)
	}
	for _, rule := range podRules() {
		if err := tables.DeleteIfExists("filter", "FORWARD", rule...); err != nil {
			errs = append(errs, fmt.Errorf("remove a rule from the firewall: %w", err))
		}
	}
	return errors.Join(errs...)
}

func deleteTable(family knftables.Family, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), firewallTimeout)
	defer cancel()
	nft, err := knftables.New(family, name)
	if err != nil {
		return fmt.Errorf("use nftables: %w", err)
	}
	change := nft.NewTransaction()
	change.Add(&knftables.Table{}) // so that the deletion finds one
	change.Delete(&knftables.Table{})
	if err := nft.Run(ctx, change); err != nil {
		return fmt.Errorf("delete the nftables table %s: %w", name, err)
	}
	return nil
}

// tableExists tells whether the table of that name is there for IPv4.
func tableExists(name string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), firewallTimeout)
	defer cancel()
	nft, err := knftables.New(knftables.IPv4Family, name)
	if err != nil {
		return false
	}
	_, err = nft.List(ctx, "chains")
	return err == nil
}
