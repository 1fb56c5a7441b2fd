using OrgGateway.Answers;

namespace OrgGateway.Hosting;

public static class NotFoundAnswer
{
    public static Task WriteAsync(HttpContext context, ProblemAnswer answer)
    {
        // What comes behind it on the connection may be meant as a tunnel's bytes or as a request (T33).
        if (HttpMethods.IsConnect(context.Request.Method))
            context.Response.Headers.Connection = "close";
        return answer.WriteAsync(context, Problem.NotFound);
    }
}
