// Command demo does the main job of Gantry once, from nothing: it installs what
// is missing, builds, starts the local cluster, and then makes a cluster, a
// service, a task and an autoscaler with the AWS CLI, printing each command
// before it runs it. At the end it shows, as read from Kubernetes, which objects
// carry each ECS object. It can be run again and again, and leaves Gantry running.
//
// It imports testimages for the images and kube for names of kinds. It must not
// import handlers or controllers: it is a user of the API.
package main
