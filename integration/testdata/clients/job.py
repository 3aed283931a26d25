# The main job with boto3: what it saw goes to stdout as JSON, for the test that
# runs this to judge. It is put behind README's lines, which make the client ecs.
import datetime
import json
import sys

cluster = sys.argv[1]
network = {"awsvpcConfiguration": {"subnets": ["subnet-00000001"]}}


def register(family, program, *command):
    answer = ecs.register_task_definition(
        family=family, networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
        containerDefinitions=[{"name": "main", "image": f"gantry.local/{program}:1", "command": list(command), "stopTimeout": 2}])
    return answer["taskDefinition"]["taskDefinitionArn"]


def run():
    seen = {}
    seen["cluster"] = ecs.create_cluster(clusterName=cluster)["cluster"]["status"]

    job = register(f"{cluster}-job", "exits", "3")
    ran = ecs.run_task(cluster=cluster, taskDefinition=job, launchType="FARGATE", networkConfiguration=network)
    seen["failures"] = ran["failures"]
    arn = ran["tasks"][0]["taskArn"]
    ecs.get_waiter("tasks_stopped").wait(cluster=cluster, tasks=[arn], WaiterConfig={"Delay": 1})
    task = ecs.describe_tasks(cluster=cluster, tasks=[arn])["tasks"][0]
    seen["stopCode"] = task["stopCode"]
    seen["exitCode"] = task["containers"][0]["exitCode"]
    seen["timesAreTimes"] = all(isinstance(task[at], datetime.datetime) for at in ("createdAt", "startedAt", "stoppedAt"))
    seen["inOrder"] = task["createdAt"] <= task["startedAt"] <= task["stoppedAt"]

    sleeper = register(f"{cluster}-sleeper", "sleeps")
    ecs.create_service(cluster=cluster, serviceName="web", taskDefinition=sleeper, desiredCount=2,
                       launchType="FARGATE", networkConfiguration=network)
    ecs.get_waiter("services_stable").wait(cluster=cluster, services=["web"], WaiterConfig={"Delay": 1})
    service = ecs.describe_services(cluster=cluster, services=["web"])["services"][0]
    seen["running"] = service["runningCount"]
    pages = ecs.get_paginator("list_tasks").paginate(cluster=cluster, serviceName="web", PaginationConfig={"PageSize": 1})
    seen["listed"] = len({arn for page in pages for arn in page["taskArns"]})

    try:
        ecs.describe_services(cluster=f"{cluster}-none", services=["web"])
    except ecs.exceptions.ClusterNotFoundException as e:
        seen["error"] = e.response["Error"]["Message"]

    ecs.delete_service(cluster=cluster, service="web", force=True)
    ecs.get_waiter("services_inactive").wait(cluster=cluster, services=["web"], WaiterConfig={"Delay": 1})
    return seen


print(json.dumps(run()))
