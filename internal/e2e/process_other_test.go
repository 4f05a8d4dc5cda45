//go:build !linux

package e2e

import "syscall"

func attributes(bool, syscall.Signal) *syscall.SysProcAttr { return nil }

func giveAway(string) error { return nil }
