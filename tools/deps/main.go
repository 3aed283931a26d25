// Command deps sees to system packages, named as Debian does: it installs those
// that are missing where it runs as root, and names them elsewhere. It uses the
// standard library alone, so that it runs at once on a fresh machine:
//
//	cd tools && go run ./deps awscli ca-certificates
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// present says how each package is known to be there, whoever installed it.
var present = map[string]func() bool{
	"awscli": func() bool { _, err := exec.LookPath("aws"); return err == nil },
	"nodejs": func() bool { _, err := exec.LookPath("node"); return err == nil },
	"npm":    func() bool { _, err := exec.LookPath("npm"); return err == nil },
	// Debian's package is for Debian's Python; another one may have boto3 of its own.
	"python3-boto3": func() bool {
		return exec.Command("python3", "-c", "import boto3").Run() == nil || exec.Command("/usr/bin/python3", "-c", "import boto3").Run() == nil
	},
	"ca-certificates": func() bool { _, err := os.Stat("/etc/ssl/certs/ca-certificates.crt"); return err == nil },
}

func main() {
	if err := ensure(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "deps:", err)
		os.Exit(1)
	}
}

func ensure(packages []string) error {
	var missing []string
	for _, name := range packages {
		there, known := present[name]
		if !known {
			return fmt.Errorf("how to find out whether %s is there is not known", name)
		}
		if !there() {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	command := "apt-get install -y " + strings.Join(missing, " ")
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return fmt.Errorf("this system lacks packages, named here as Debian does: %s\ninstall them (as root: %s), then run this again", strings.Join(missing, ", "), command)
	}
	for _, args := range [][]string{{"update", "-q"}, append([]string{"install", "-q", "-y", "--no-install-recommends"}, missing...)} {
		fmt.Println("$ apt-get", strings.Join(args, " "))
		install := exec.Command("apt-get", args...)
		install.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if output, err := install.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, output)
		}
	}
	return nil
}
