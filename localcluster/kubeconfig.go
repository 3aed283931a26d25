package localcluster

import (
	"fmt"
	"os"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// writeKubeconfig writes a kubeconfig that holds the certificate NAME itself,
// so that the file can be copied.
func (l layout) writeKubeconfig(path, server, name string) error {
	authority, err := os.ReadFile(l.pki("ca.crt"))
	if err != nil {
		return fmt.Errorf("kubeconfig of %s: %w", name, err)
	}
	cert, err := os.ReadFile(l.pki(name + ".crt"))
	if err != nil {
		return fmt.Errorf("kubeconfig of %s: %w", name, err)
	}
	key, err := os.ReadFile(l.pki(name + ".key"))
	if err != nil {
		return fmt.Errorf("kubeconfig of %s: %w", name, err)
	}
	config := clientcmdapi.NewConfig()
	config.Clusters["gantry"] = &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: authority}
	config.AuthInfos[name] = &clientcmdapi.AuthInfo{ClientCertificateData: cert, ClientKeyData: key}
	config.Contexts["gantry"] = &clientcmdapi.Context{Cluster: "gantry", AuthInfo: name}
	config.CurrentContext = "gantry"
	data, err := clientcmd.Write(*config)
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	return writeFile(path, data)
}
