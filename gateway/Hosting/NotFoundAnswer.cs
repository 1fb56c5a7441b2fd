using OrgGateway.Answers;

namespace OrgGateway.Hosting;

public static class NotFoundAnswer
{
    public static Task WriteAsync(HttpContext context, ProblemAnswer answer) => answer.WriteAsync(context, Problem.NotFound);
}
