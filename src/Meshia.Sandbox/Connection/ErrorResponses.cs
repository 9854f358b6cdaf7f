using Meshia.Sandbox.Faults;

namespace Meshia.Sandbox.Connection;

/// <summary>[D] Gives each failure a JSON body with code and message.</summary>
internal sealed class ErrorResponses(RequestDelegate next, ILogger<ErrorResponses> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (ApiException exception)
        {
            await WriteAsync(context, exception.Status, exception.Code, exception.Message);
        }
        catch (BadHttpRequestException exception)
        {
            await WriteAsync(context, exception.StatusCode, ErrorCodes.InvalidRequest, exception.Message);
        }
        catch (OperationCanceledException exception) when (exception is ConnectionCutException || context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone.
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            logger.RequestFailed(exception, context.Response.Headers[RequestId.Header]);
            if (context.Response.HasStarted)
            {
                // A cut connection tells the caller that the body is not whole.
                context.Abort();
                return;
            }

            await WriteAsync(context, StatusCodes.Status500InternalServerError, ErrorCodes.Internal, "The sandbox failed. Its log has the details.");
        }

        if (!context.Response.HasStarted && !context.IsCut() && context.Response is { ContentLength: null, ContentType: null })
            await WriteForEmptyAsync(context);
    }

    private static Task WriteForEmptyAsync(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => WriteAsync(context, StatusCodes.Status404NotFound, ErrorCodes.NotFound,
            $"There is nothing at {context.Request.Path}."),
        StatusCodes.Status405MethodNotAllowed => WriteAsync(context, StatusCodes.Status405MethodNotAllowed, ErrorCodes.MethodNotAllowed,
            $"{context.Request.Method} is not possible at {context.Request.Path}."),
        >= 400 and var status => WriteAsync(context, status, ErrorCodes.InvalidRequest, "The request cannot be answered."),
        _ => Task.CompletedTask,
    };

    private static Task WriteAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { error = new { code, message } }, Wire.Json, context.RequestAborted);
    }
}
