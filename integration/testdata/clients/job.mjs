// The main job with the SDK for JavaScript: what it saw goes to stdout as JSON,
// for the test that runs this to judge. It is put behind README's lines, which
// make the client.
import {
  CreateClusterCommand, CreateServiceCommand, DeleteServiceCommand, DescribeServicesCommand, DescribeTasksCommand,
  RegisterTaskDefinitionCommand, RunTaskCommand, paginateListTasks,
  waitUntilServicesInactive, waitUntilServicesStable, waitUntilTasksStopped,
} from "@aws-sdk/client-ecs";

const cluster = process.argv[2];
const networkConfiguration = { awsvpcConfiguration: { subnets: ["subnet-00000001"] } };
const patience = { client, minDelay: 1, maxDelay: 1, maxWaitTime: 120 };
const seen = {};

async function register(family, program, ...command) {
  const { taskDefinition } = await client.send(new RegisterTaskDefinitionCommand({
    family, networkMode: "awsvpc", requiresCompatibilities: ["FARGATE"], cpu: "256", memory: "512",
    containerDefinitions: [{ name: "main", image: `gantry.local/${program}:1`, command, stopTimeout: 2 }],
  }));
  return taskDefinition.taskDefinitionArn;
}

seen.cluster = (await client.send(new CreateClusterCommand({ clusterName: cluster }))).cluster.status;

const job = await register(`${cluster}-job`, "exits", "3");
const ran = await client.send(new RunTaskCommand({ cluster, taskDefinition: job, launchType: "FARGATE", networkConfiguration }));
seen.failures = ran.failures;
const tasks = [ran.tasks[0].taskArn];
await waitUntilTasksStopped(patience, { cluster, tasks });
const task = (await client.send(new DescribeTasksCommand({ cluster, tasks }))).tasks[0];
seen.stopCode = task.stopCode;
seen.exitCode = task.containers[0].exitCode;
seen.timesAreTimes = [task.createdAt, task.startedAt, task.stoppedAt].every((at) => at instanceof Date);
seen.inOrder = task.createdAt <= task.startedAt && task.startedAt <= task.stoppedAt;

const taskDefinition = await register(`${cluster}-sleeper`, "sleeps");
await client.send(new CreateServiceCommand({
  cluster, serviceName: "web", taskDefinition, desiredCount: 2, launchType: "FARGATE", networkConfiguration,
}));
await waitUntilServicesStable(patience, { cluster, services: ["web"] });
const described = await client.send(new DescribeServicesCommand({ cluster, services: ["web"] }));
seen.running = described.services[0].runningCount;
const listed = new Set();
for await (const page of paginateListTasks({ client, pageSize: 1 }, { cluster, serviceName: "web" })) {
  page.taskArns.forEach((arn) => listed.add(arn));
}
seen.listed = listed.size;

try {
  await client.send(new DescribeServicesCommand({ cluster: `${cluster}-none`, services: ["web"] }));
} catch (e) {
  seen.error = e.name === "ClusterNotFoundException" ? e.message : `${e.name}: ${e.message}`;
}

await client.send(new DeleteServiceCommand({ cluster, service: "web", force: true }));
await waitUntilServicesInactive(patience, { cluster, services: ["web"] });
console.log(JSON.stringify(seen));
