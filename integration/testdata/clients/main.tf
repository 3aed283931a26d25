# What is put beside README's provider block.
variable "cluster" { type = string }

variable "stage" { type = string }

resource "aws_ecs_cluster" "main" {
  name = var.cluster
  setting {
    name  = "containerInsights"
    value = var.stage == "first" ? "disabled" : "enabled"
  }
  tags = { by = "terraform", stage = var.stage }
}

resource "aws_ecs_task_definition" "web" {
  family                   = "${var.cluster}-web"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  container_definitions = jsonencode([{
    name         = "web"
    image        = "gantry.local/web:1"
    essential    = true
    stopTimeout  = 2
    portMappings = [{ containerPort = 8080 }]
    environment  = [{ name = "STAGE", value = var.stage }]
  }])
}

resource "aws_ecs_service" "web" {
  name                  = "web"
  cluster               = aws_ecs_cluster.main.arn
  task_definition       = aws_ecs_task_definition.web.arn
  desired_count         = 2
  launch_type           = "FARGATE"
  wait_for_steady_state = true
  network_configuration {
    subnets = ["subnet-00000001"]
  }
  tags = { by = "terraform", stage = var.stage }
}

resource "aws_appautoscaling_target" "web" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.main.name}/${aws_ecs_service.web.name}"
  min_capacity       = 1
  max_capacity       = 4
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.web.service_namespace
  scalable_dimension = aws_appautoscaling_target.web.scalable_dimension
  resource_id        = aws_appautoscaling_target.web.resource_id
  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_in_cooldown  = 300
    scale_out_cooldown = 60
    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
