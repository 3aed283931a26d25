// Package testimages builds the container images that tests and the demo run:
// small static programs, each named after what it does, in programs/. Images
// hold the program and nothing else: no shell, no libraries.
//
// The package may import localcluster, for the writing of images, and must not
// know what anybody runs the images for.
package testimages
