/** One process of nginx that writes nothing outside of its folder, around what its `http` block says. */

export const nginxConfig = (folder: string, http: string): string => `
daemon off;
master_process off;
pid ${folder}/pid;
error_log /dev/null;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path ${folder};
  proxy_temp_path ${folder};
  fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder};
  scgi_temp_path ${folder};
  keepalive_requests 1000000;
  ${http}
}
`;
