// The real Kubernetes API server and controller manager in one binary; the name that it is called by chooses.
package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	server "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func command() *cobra.Command {
	if filepath.Base(os.Args[0]) == "kube-controller-manager" {
		return controllers.NewControllerManagerCommand()
	}
	return server.NewAPIServerCommand()
}

func main() {
	os.Exit(cli.Run(command()))
}
