#!/bin/sh
# Makes a test CA and a certificate for localhost, valid for 100 years. Run in this folder.
set -e
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 \
  -keyout ca_key.pem -out ca.pem -subj "/CN=histserv test CA"
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
  -keyout server_key.pem -out server.csr -subj "/CN=localhost"
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nbasicConstraints=CA:FALSE\n' > server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca_key.pem -CAcreateserial -days 36500 \
  -extfile server.ext -out server.pem
rm ca_key.pem server.csr server.ext ca.srl
